"""The pages of a draft in their order, and what each says of its state."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from hoso.forms import declaration
from hoso.models import Document, Dossier
from hoso.services.answers import EMPTY
from portal.services import drafts
from portal.views.base import DraftView

MARKS = {
    "done": ("Đã xong", "ok", "check"),
    "started": ("Đang làm", "info", ""),
    "todo": ("Chưa làm", "off", ""),
}


class FlowView(DraftView):
    """A page of the flow: it knows its place among the others."""

    part = ""

    @property
    def flow(self) -> list[str]:
        """Names of the parts in order: "section:1", …, "papers", "ways", "check"."""
        numbers = [number for number, _ in declaration.pages(self.dossier.version, self.dossier.answers)]
        return [*(f"section:{n}" for n in numbers), "papers", "ways", "check"]

    def address(self, part: str) -> str:
        """Where a part is."""
        ref = self.dossier.submission_ref
        if part.startswith("section:"):
            return reverse("portal:section", kwargs={"ref": ref, "number": part.removeprefix("section:")})
        return reverse(f"portal:{part}", kwargs={"ref": ref})

    def onward(self, request: HttpRequest) -> HttpResponse:
        """After saving: the next part, the list of parts for “để làm sau”, or the check page one came from."""
        if "_later" in request.POST:
            messages.success(request, "Đã lưu. Hồ sơ chưa nộp; ông/bà có thể làm tiếp bất cứ lúc nào.")
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
        ref = self.dossier.submission_ref
        back = self.address(flow[place - 1]) if place else reverse("portal:draft", kwargs={"ref": ref})
        return super().get_context_data(
            step=place + 1, steps=len(flow), parts=[n <= place for n in range(len(flow))], back=back, **kwargs
        )


def mark(state: str) -> dict[str, str]:
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
        return 0, "Không có giấy tờ bắt buộc; có thể đính kèm nếu cần"
    return left, f"Đã có {total - left} trên {total} giấy tờ phải nộp"


def uploads_of(dossier: Dossier) -> Any:
    return dossier.documents.filter(replaced_by=None, removed_at=None, kind=Document.Kind.UPLOAD)


def ways_in_words(dossier: Dossier) -> str:
    """How papers come and the result goes."""
    parts = []
    if dossier.papers_by != Dossier.PapersBy.NONE:
        parts.append(dossier.get_papers_by_display())
    parts.append(dossier.get_return_by_display())
    return "; ".join(parts)
