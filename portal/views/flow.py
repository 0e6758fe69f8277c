"""The parts of a draft in their order: where each is, and what the list of parts says of it.

A further part is one more function in `PARTS`; its page is a `FlowView` whose `part` is the name.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hoso.forms import declaration
from hoso.models import Document, Dossier
from hoso.services.answers import EMPTY, sections_of
from portal.services import behalf, drafts
from portal.views.base import DraftView

Words = str | Promise
MARKS: dict[str, tuple[Words, str, str]] = {
    "done": (gettext_lazy("Đã xong"), "ok", "check"),
    "started": (gettext_lazy("Đang làm"), "info", ""),
    "todo": (gettext_lazy("Chưa làm"), "off", ""),
}
PREPARE, REST = gettext_lazy("Chuẩn bị"), gettext_lazy("Giấy tờ, bản giấy và kết quả")


@dataclass(frozen=True)
class Part:
    """One part of a draft.

    `look` says how far it is ("done", "started" or "todo") with a remark; only the list of parts asks. A part that is
    not `in_order` is found in the list alone: “Lưu và tiếp tục” does not come by, and it has its answer already.
    """

    name: str
    title: Words
    heading: Words
    url: str
    look: Callable[[], tuple[str, Words]]
    in_order: bool = True


def agency(dossier: Dossier) -> Iterator[Part]:
    """Which agency resolves it; chosen when the draft was begun."""
    url = _url("draft_agency", dossier)
    name = dossier.resolving_agency.name
    yield Part("agency", _("Nơi giải quyết"), PREPARE, url, lambda: ("done", name), in_order=False)


def on_behalf(dossier: Dossier) -> Iterator[Part]:
    """For whom it is: oneself unless the person says otherwise."""

    def look() -> tuple[str, Words]:
        return ("started" if drafts.lacks_authority(dossier) else "done"), behalf.in_words(dossier)

    url = _url("on_behalf", dossier)
    yield Part("on_behalf", _("Nộp cho ai"), PREPARE, url, look, in_order=False)


def sections(dossier: Dossier) -> Iterator[Part]:
    """The sections of the electronic form that have something to ask."""
    version, answers = dossier.version, dossier.answers
    heading = str(version.eform.get("title", ""))

    def look(number: int) -> tuple[str, Words]:
        specs = declaration.asked(sections_of(version)[number - 1], answers)
        given = sum(answers.get(spec["key"]) not in EMPTY for spec in specs)
        state = declaration.progress(version, number, answers)
        if state == "todo":
            text = ngettext("%(n)d câu hỏi", "%(n)d câu hỏi", len(specs)) % {"n": len(specs)}
        elif state == "started":
            text = _("Đã trả lời %(given)d trên %(n)d câu hỏi") % {"given": given, "n": len(specs)}
        else:
            text = ""
        return state, text

    for number, section in declaration.pages(version, answers):
        url = _url("section", dossier, number=number)
        yield Part(f"section:{number}", section["title"], heading, url, lambda n=number: look(n))  # type: ignore[misc]


def papers(dossier: Dossier) -> Iterator[Part]:
    """Files for the papers of the procedure."""

    def look() -> tuple[str, Words]:
        left, note = papers_left(dossier)
        return ("todo" if left else "done"), note

    yield Part("papers", _("Giấy tờ đính kèm"), REST, _url("papers", dossier), look)


def ways(dossier: Dossier) -> Iterator[Part]:
    """How the originals come and the result goes."""

    def look() -> tuple[str, Words]:
        return ("todo" if drafts.ways_open(dossier) else "done"), ways_in_words(dossier)

    yield Part("ways", _("Bản giấy và kết quả"), REST, _url("ways", dossier), look)


#: What each puts into the order of parts. The last look before filing follows them all.
PARTS: list[Callable[[Dossier], Iterator[Part]]] = [agency, on_behalf, sections, papers, ways]


def parts_of(dossier: Dossier) -> list[Part]:
    """The parts of a draft as its answers stand now."""
    return [part for make in PARTS for part in make(dossier)]


def address_of(dossier: Dossier, name: str) -> str:
    """Where a part is; the list of parts for one that does not apply any more."""
    if name == "check":
        return _url("check", dossier)
    found = (part.url for part in parts_of(dossier) if part.name == name)
    return next(found, _url("draft", dossier))


def _url(name: str, dossier: Dossier, **kwargs: Any) -> str:
    return reverse(f"portal:{name}", kwargs={"ref": dossier.submission_ref, **kwargs})


class FlowView(DraftView):
    """A page of the flow: it knows its place among the others."""

    part = ""

    @property
    def flow(self) -> list[str]:
        """Names of the parts in the order one goes through them: "section:1", …, "papers", "ways", "check"."""
        return [*(part.name for part in parts_of(self.dossier) if part.in_order), "check"]

    def address(self, part: str) -> str:
        """Where a part is."""
        return address_of(self.dossier, part)

    def onward(self, request: HttpRequest) -> HttpResponse:
        """After saving: the next part, the list of parts for “để làm sau”, or the check page one came from."""
        if "_later" in request.POST:
            messages.success(request, _("Đã lưu. Hồ sơ chưa nộp; ông/bà có thể làm tiếp bất cứ lúc nào."))
            return redirect("portal:draft", ref=self.dossier.submission_ref)
        if request.GET.get("ve") == "kiem-tra":
            return redirect("portal:check", ref=self.dossier.submission_ref)
        flow = self.flow
        place = flow.index(self.part) + 1 if self.part in flow else 0
        return redirect(self.address(flow[min(place, len(flow) - 1)]))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the bar of parts and the way back."""
        flow = self.flow
        place = flow.index(self.part) if self.part in flow else 0
        back = self.address(flow[place - 1]) if place else _url("draft", self.dossier)
        return super().get_context_data(
            step=place + 1, steps=len(flow), parts=[n <= place for n in range(len(flow))], back=back, **kwargs
        )


def mark(state: str) -> dict[str, Words]:
    """What components/tasks.html shows of a state."""
    text, level, icon = MARKS[state]
    return {"text": text, "level": level, "icon": icon}


def papers_left(dossier: Dossier) -> tuple[int, str]:
    """(required papers not yet there, what the list of parts says)."""
    have = set(uploads_of(dossier).values_list("component_id", flat=True))
    wanted = [c for c in dossier.version.components.all() if c.required and not c.is_eform]
    missing = [c for c in wanted if c.pk not in have]
    uploads = [s for s in drafts.uploads_of_form(dossier) if declaration.is_required(s)]
    missing_uploads = [s for s in uploads if dossier.answers.get(s["key"]) in EMPTY]
    left, total = len(missing) + len(missing_uploads), len(wanted) + len(uploads)
    if not total:
        return 0, _("Không có giấy tờ bắt buộc; có thể đính kèm nếu cần")
    return left, _("Đã có %(have)d trên %(total)d giấy tờ phải nộp") % {
        "have": total - left,
        "total": total,
    }


def uploads_of(dossier: Dossier) -> Any:
    """The files that count."""
    return dossier.documents.filter(replaced_by=None, removed_at=None, kind=Document.Kind.UPLOAD)


def given_in(dossier: Dossier) -> Any:
    """Every file that would be filed, a paper of authority too."""
    return dossier.documents.filter(replaced_by=None, removed_at=None, kind__in=Document.GIVEN)


def ways_in_words(dossier: Dossier) -> str:
    """How papers come and the result goes."""
    words = []
    if dossier.papers_by != Dossier.PapersBy.NONE:
        words.append(_(dossier.get_papers_by_display()))
    words.append(_(dossier.get_return_by_display()))
    return "; ".join(words)
