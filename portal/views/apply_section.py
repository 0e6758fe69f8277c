"""Applying: one section of the electronic form, saved by its buttons and, where there is script, by itself."""

import re
from collections.abc import Iterator, Mapping
from secrets import token_hex
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.formats import vndatetime, vntime
from hoso.forms import declaration
from hoso.forms.declaration import SectionForm
from hoso.models import Dossier
from hoso.services.answers import EMPTY, display_of, sections_of
from hoso.services.errors import Refused, StepRefused
from portal import identity
from portal.services import drafts
from portal.services.earlier import Earlier
from portal.views.base import AUTOSAVE
from portal.views.flow import FlowView

SEEN, BEFORE = "_seen", "_before"
#: Names the page as it was drawn, so that it is known again by what it has saved.
PAGE = "_page"
#: What static/js/eform.js has sent before and got no answer to, whole, and how much of it is looked at.
UNANSWERED, MOST_UNANSWERED = "_unanswered", 8
_REARRANGES = {declaration.REFRESH, declaration.ADD, declaration.REMOVE}


class SectionPage(FlowView):
    """One section of the electronic form."""

    template_name = "portal/section.html"
    number = 0

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Which section."""
        super().setup(request, *args, **kwargs)
        self.number = int(kwargs["number"])
        self.part = f"section:{self.number}"

    def elsewhere(self) -> HttpResponse | None:
        """A section that does not exist is not found; one that no longer applies leads back to the list."""
        found = super().elsewhere()
        if found is None and not 1 <= self.number <= len(sections_of(self.dossier.version)):
            raise Http404
        if found is None and self.part not in self.flow:
            return redirect("portal:draft", ref=self.dossier.submission_ref)
        return found

    # -- The form ----------------------------------------------------------------------------------------------

    def make(self, *, lenient: bool = False, **kwargs: Any) -> SectionForm:
        """The form over what is stored, with what the account and earlier dossiers know."""
        dossier, version = self.dossier, self.dossier.version
        sources = identity.sources(self.applicant, version, dossier.resolving_agency.name, dossier)
        origins = {source: words for source in sources if (words := self.origin_of(source))}
        if not kwargs.get("data"):
            for source, (value, words) in self.earlier.offers(self.section, sources).items():
                sources[source], origins[source] = value, words
        return SectionForm(
            version,
            self.number,
            dossier.answers,
            sources=sources,
            origins=origins,
            lenient=lenient,
            **kwargs,
        )

    def origin_of(self, source: str) -> str:
        """Where an offered value comes from, in words; nothing for what the procedure itself says."""
        if source.startswith("filing."):
            return _("Lấy từ phần “Nộp cho ai”, sửa nếu chưa đúng.")
        if source.startswith("submitter."):
            return _("Lấy từ tài khoản của ông/bà, sửa nếu chưa đúng.")
        if not source.startswith(("owner.", "business.")):
            return ""
        if self.dossier.on_behalf:
            return _("Lấy từ phần “Nộp cho ai”, sửa nếu chưa đúng.")
        if self.dossier.organisation_id:
            return _("Lấy từ tài khoản của tổ chức, sửa nếu chưa đúng.")
        return _("Lấy từ tài khoản của ông/bà, sửa nếu chưa đúng.")

    @property
    def section(self) -> dict[str, Any]:
        """What the form says of this page."""
        return sections_of(self.dossier.version)[self.number - 1]

    @property
    def earlier(self) -> Earlier:
        """Earlier dossiers of the same person."""
        if "_earlier" not in self.__dict__:
            self.__dict__["_earlier"] = Earlier(self.applicant, self.dossier)
        found: Earlier = self.__dict__["_earlier"]
        return found

    def seen_marks(self, form: SectionForm) -> str:
        """What the page shows and what is stored, question by question, for `seen` of the next saving."""
        marks = []
        initial = {**form.waiting.initial, **form.initial}  # also what may still come to be asked
        for spec in self.section["fields"]:
            key, stored = spec["key"], self.dossier.answers.get(spec["key"])
            if spec["type"] == "file_ref":
                continue
            shown = initial.get(key) if spec["type"] != "group" else stored
            marks.append(f"{key}:{drafts.mark_of(shown)}:{drafts.mark_of(stored)}")
        return " ".join(marks)

    # -- Showing -----------------------------------------------------------------------------------------------

    def show(self, *, state: str = "", **context: Any) -> HttpResponse:
        """The questions; what was typed before the session ended comes first."""
        form = context.pop("form", None)
        if form is None:
            form, state = self.make(typed=self.kept), "unsaved" if self.kept else ""
        context["saved"] = self.words(state, len(form.errors))
        fresh = not self.answered and not form.given
        before = self.earlier.section(self.dossier.version, self.number) if fresh else None
        return super().show(
            form=form,
            title=self.section["title"],
            help=self.section.get("help", ""),
            seen=self.seen_marks(form),
            drawn=token_hex(8),
            before=before,
            store=f"nhap:{self.applicant.pk}:{self.dossier.submission_ref}:{self.number}",
            **context,
        )

    def words(self, state: str, wrong: int = 0) -> dict[str, str]:
        """How the page stands, in words that are true: {level, text} of components/saved.html."""
        at = vndatetime(self.dossier.updated_at)
        if timezone.localdate(self.dossier.updated_at) == timezone.localdate():
            at = vntime(self.dossier.updated_at)
        if state == "unsaved":
            return {"level": "soon", "text": _("Chưa lưu nội dung trên trang này. Hồ sơ chưa nộp.")}
        if wrong and not self.answered:
            text = ngettext(
                "Chưa lưu: %(n)d ô chưa đúng. Hồ sơ chưa nộp.",
                "Chưa lưu: %(n)d ô chưa đúng. Hồ sơ chưa nộp.",
                wrong,
            )
            return {"level": "soon", "text": text % {"n": wrong}}
        if wrong:
            text = ngettext(
                "Đã lưu các ô đúng lúc %(at)s; %(n)d ô chưa đúng nên chưa lưu. Hồ sơ chưa nộp.",
                "Đã lưu các ô đúng lúc %(at)s; %(n)d ô chưa đúng nên chưa lưu. Hồ sơ chưa nộp.",
                wrong,
            )
            return {"level": "soon", "text": text % {"at": at, "n": wrong}}
        if state != "saved" and not self.answered:
            return {"level": "off", "text": _("Trang này chưa lưu lần nào. Hồ sơ chưa nộp.")}
        return {"level": "ok", "text": _("Đã lưu lúc %(at)s. Hồ sơ chưa nộp.") % {"at": at}}

    @property
    def answered(self) -> bool:
        """Whether anything of this page is stored."""
        return declaration.progress(self.dossier.version, self.number, self.dossier.answers) != "todo"

    # -- Saving ------------------------------------------------------------------------------------------------

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep what is right, show again what is not."""
        if elsewhere := self.elsewhere():
            return elsewhere
        if AUTOSAVE in request.POST:
            return self.autosave()
        if BEFORE in request.POST:
            return self.take_over()
        if _REARRANGES & request.POST.keys():
            return self.show(form=self.make(typed=request.POST), state="unsaved")
        form = self.make(data=request.POST, lenient="_later" in request.POST)
        newly = form.newly_asked
        if newly:
            form = self.make(data=request.POST, lenient=True)
        valid = form.is_valid()
        try:
            self.keep(form.values, whole=valid and not newly)
        except drafts.Overtaken as error:
            return self.overtaken(error)
        except StepRefused as error:
            return self.stale(error)
        if not valid:
            if any(value not in EMPTY for value in form.values.values()):
                messages.warning(
                    request,
                    _("Các ô đúng đã lưu. Những ô có lỗi dưới đây chưa lưu; sửa rồi bấm lưu lại."),
                )
            return self.show(form=form)
        if newly:
            messages.info(
                request,
                _("Đã lưu. Câu trả lời vừa chọn cần thêm thông tin; trang này có câu hỏi mới."),
            )
            return redirect(request.get_full_path())
        for text in form.warnings:
            messages.warning(request, text)
        return self.onward(request)

    def keep(self, values: Mapping[str, Any], *, whole: bool) -> None:
        """Store the answers; a page that is not complete leaves its open questions open."""
        kept = values if whole else {k: v for k, v in values.items() if v not in EMPTY}
        page = self.request.POST.get(PAGE, "")
        self.dossier = self.reload(
            drafts.save_answers(
                self.dossier.pk,
                kept,
                by=self.applicant,
                page=page if re.fullmatch("[0-9a-f]{16}", page) else "",
                seen=self.seen(),
                unanswered=self.unanswered(),
            )
        )

    def seen(self) -> dict[str, tuple[str, str]]:
        """The marks the page was sent with."""
        given = re.findall(r"(\w+):([0-9a-f]{8}):([0-9a-f]{8})", self.request.POST.get(SEEN, ""))
        return {key: (shown, stored) for key, shown, stored in given}

    def unanswered(self) -> Iterator[tuple[str, str]]:
        """The marks of what this page sent when the network then lost the reply."""
        for body in self.request.POST.getlist(UNANSWERED)[-MOST_UNANSWERED:]:
            form = self.make(data=QueryDict(body), lenient=True)
            form.is_valid()
            yield from ((key, drafts.mark_of(value)) for key, value in form.values.items())

    def reload(self, saved: Dossier) -> Dossier:
        """The saved row with the relations this page shows."""
        for name in ("version", "resolving_agency", "desk", "procedure"):
            setattr(saved, name, getattr(self.dossier, name))
        return saved

    def autosave(self) -> HttpResponse:
        """Keep what is right of a page somebody is still writing, and say how it stands; nobody is told off yet."""
        form = self.make(data=self.request.POST, lenient=True)
        form.is_valid()
        try:
            self.keep(form.values, whole=True)
        except drafts.Overtaken as error:
            text = _("%(why)s Bấm “Lưu và tiếp tục” để so lại.") % {"why": error}
            return self.state_of(form, {"level": "late", "text": text}, status=409)
        except Refused as error:
            return self.state_of(form, {"level": "late", "text": str(error)}, status=409)
        return self.state_of(form, self.words("saved", len(form.errors)))

    def state_of(self, form: SectionForm, saved: dict[str, str], *, status: int = 200) -> HttpResponse:
        """The line of words alone, with the marks for the next saving."""
        marks = self.seen()
        for spec in form.specs:
            key, stored = spec["key"], drafts.mark_of(self.dossier.answers.get(spec["key"]))
            # Where the page shows something else than what is stored, it has still to give way or to win.
            if key in form.values and drafts.mark_of(form.values[key]) == stored:
                marks[key] = (stored, stored)
        seen = " ".join(f"{key}:{shown}:{stored}" for key, (shown, stored) in marks.items())
        at = vndatetime(self.dossier.updated_at)
        context = {"saved": saved, "seen": seen, "at": at}
        return render(self.request, "components/saved.html", context, status=status)

    def overtaken(self, error: drafts.Overtaken) -> HttpResponse:
        """Both windows' words side by side; a second press takes this window's."""
        self.dossier.refresh_from_db(fields=["answers", "updated_at"])
        form = self.make(typed=self.request.POST)
        saved = display_of(self.dossier.version, self.dossier.answers, error.keys)
        for key, text in saved.items():
            if key in form.fields:
                note = format_html(
                    '<b class="dv-origin">{}</b>', _("Đã lưu ở cửa sổ khác: %(text)s") % {"text": text}
                )
                hint = form.fields[key].help_text
                form.fields[key].help_text = format_html("{} {}", hint, note) if hint else note
        messages.error(
            self.request,
            _(
                "%(why)s Nội dung vừa gõ vẫn ở dưới đây; xem lại các ô có ghi chú, bấm lưu lần nữa để dùng nội dung này."
            )
            % {"why": error},
        )
        return self.show(form=form, state="unsaved")

    def take_over(self) -> HttpResponse:
        """Show the answers of an earlier dossier of the same procedure, not yet saved."""
        before = self.earlier.section(self.dossier.version, self.number)
        if before is None:
            return redirect(self.request.get_full_path())
        answers = {**self.dossier.answers, **before.answers}
        typed = declaration.posted(self.dossier.version, self.number, answers)
        messages.info(
            self.request,
            _("Đã điền theo hồ sơ %(ref)s nộp ngày %(day)s, chưa lưu. Xem lại từng ô rồi bấm lưu.")
            % {"ref": before.ref, "day": before.on},
        )
        return self.show(form=self.make(typed=typed), state="unsaved")
