"""Applying: the papers of a draft, a card for each, with what was handed in and what need not be handed in again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.formats import vndate
from config.ui import sentence
from danhmuc.models import Component
from hoso.forms import declaration
from hoso.models import Document
from hoso.services.errors import Refused, StepRefused
from portal.forms.papers import PapersForm
from portal.services import papers, uploads
from portal.services.papers import Box
from portal.views.flow import FlowView, papers_left, uploads_of
from portal.views.taking import TakingMixin, file_row

#: Offers shown on the card itself; the rest are a page away.
OFFERED_AT_ONCE = 2


class PapersView(TakingMixin, FlowView):
    """What the pages about papers share."""

    part = "papers"
    reads = ("version__components",)

    def to_papers(self) -> HttpResponse:
        """Back to the cards."""
        return redirect("portal:papers", ref=self.dossier.submission_ref)


class Papers(PapersView):
    """Uploads, one card a component."""

    template_name = "portal/papers.html"
    title = gettext_lazy("Giấy tờ đính kèm")

    def show(self, **context: Any) -> HttpResponse:
        """Cards with their files."""
        form = context.pop("form", None) or PapersForm(self.boxes, self.limit)
        left, note = papers_left(self.dossier)
        cards = self.cards(form)
        busy = any(row["busy"] for card in cards for row in card["coming"])
        return super().show(
            form=form,
            cards=cards,
            note=note,
            left=left,
            limit=self.limit,
            busy=busy,
            sending=self.sending(),
            **context,
        )

    def cards(self, form: PapersForm) -> list[dict[str, Any]]:
        """What portal/paper_card.html takes, one a paper."""
        files = list(uploads_of(self.dossier).select_related("source__dossier").order_by("pk"))
        coming = self.coming()
        held = list(papers.reusable(self.dossier, self.applicant)[: papers.MOST_OFFERED])
        cards = []
        for component in self.dossier.version.components.all():
            if not component.is_handed_in:
                cards.append(_told(component))
        cards += [self.card(box, form, files, coming, held) for box in self.boxes]
        for number, card in enumerate(cards, start=1):
            card["number"] = number
        return cards

    def card(
        self,
        box: Box,
        form: PapersForm,
        files: list[Document],
        coming: list[dict[str, Any]],
        held: list[Document],
    ) -> dict[str, Any]:
        """One paper to be handed in: its state, its files, what may be used again."""
        mine = [file_row(self.dossier, f) for f in files if box.holds(f)]
        needed = box.component.required if box.component else declaration.is_required(box.spec or {})
        rows = [row for row in coming if row["box"] == box.name]
        level, mark, icon = ("ok", _("Đã có"), "check") if mine else ("off", _("Chưa có"), "")
        if not mine and not needed:
            mark = _("Không bắt buộc")
        if any(m["level"] in {"soon", "late"} for f in mine for m in f["marks"]):
            level, mark, icon = "soon", _("Cần xem lại"), "hourglass"
        if (form.is_bound and form.errors.get(box.name)) or any(row["wrong"] for row in rows):
            level, mark, icon = "late", _("Cần sửa"), "triangle"
        offered = papers.offers(box, held)
        suited = [offer for offer in offered if offer.suits and not mine][:OFFERED_AT_ONCE]
        ref = self.dossier.submission_ref
        more = reverse("portal:reuse", kwargs={"ref": ref, "box": box.name}) if offered else ""
        return {
            "id": f"gt-{box.name}",
            "title": box.label,
            "level": level,
            "mark": mark,
            "icon": icon,
            "text": box.component.case if box.component else (box.spec or {}).get("help", ""),
            "files": mine,
            "coming": rows,
            "offers": [offer_row(o, box.name) for o in suited],
            "more": more,
            "field": form[box.name],
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take in each file on its own: one bad file takes none of the others along."""
        if elsewhere := self.elsewhere():
            return elsewhere
        if (gone := request.POST.get("_remove", "")).isdigit():
            return self.remove(int(gone))
        if key := request.POST.get("_drop"):
            return self.forget(key)
        if again := request.POST.get("_reuse"):
            return use_again(self, again)
        form = PapersForm(self.boxes, self.limit, request.POST, request.FILES)
        form.is_valid()
        taken = 0
        for box in self.boxes:
            form.errors.pop(box.name, None)
            came, wrong = self.take(box.name, form.cleaned_data.get(box.name) or [])
            taken += came
            for text in wrong:
                form.add_error(box.name, text)
        saved = ngettext("Đã lưu %(n)d tệp.", "Đã lưu %(n)d tệp.", taken) % {"n": taken}
        self.dossier.refresh_from_db(fields=["answers", "updated_at", "state"])
        if elsewhere := self.elsewhere():  # filed meanwhile in another window
            return elsewhere
        if form.errors:
            if taken:
                refused = _("Tệp có lỗi dưới đây chưa được nhận.")
                messages.success(request, f"{saved} {refused}")
            return self.show(form=form)
        if taken:
            messages.success(request, saved)
        if "_upload" in request.POST:
            return self.to_papers()
        left, note = papers_left(self.dossier)
        if left and "_later" not in request.POST:
            messages.warning(request, _("%(note)s. Ông/bà có thể bổ sung trước khi nộp.") % {"note": note})
        return self.onward(request)

    def remove(self, document_id: int) -> HttpResponse:
        """Take a file out again; pressing twice does no harm."""
        try:
            document = papers.remove(self.dossier, document_id, by=self.applicant)
            messages.success(self.request, sentence(_("Đã xóa tệp %(name)s."), name=document.name))
        except Document.DoesNotExist:
            messages.info(self.request, _("Tệp này đã được xóa."))
        except StepRefused as error:
            return self.stale(error)
        except Refused as error:
            messages.error(self.request, error.told)
        return self.to_papers()

    def forget(self, key: str) -> HttpResponse:
        """A file that was not to come to its end."""
        try:
            uploads.drop(self.dossier, UUID(key), by=self.applicant)
        except ValueError:
            raise Http404 from None
        return self.to_papers()


class Reuse(PapersView):
    """What the State already holds of this owner and is still valid, to be named again for one paper."""

    template_name = "portal/reuse.html"
    title = gettext_lazy("Dùng lại giấy tờ đã có")

    @cached_property
    def box(self) -> Box:
        """The paper it is for; one the draft does not ask is not found."""
        found = next((box for box in self.boxes if box.name == self.kwargs["box"]), None)
        if found is None:
            raise Http404
        return found

    def show(self, **context: Any) -> HttpResponse:
        """The papers, best suited first."""
        held = papers.reusable(self.dossier, self.applicant)[: papers.MOST_OFFERED]
        found = papers.offers(self.box, held)
        return super().show(
            box=self.box,
            suited=[offer_row(o, self.box.name) for o in found if o.suits],
            others=[offer_row(o, self.box.name) for o in found if not o.suits],
            **context,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Name it."""
        return self.elsewhere() or use_again(self, request.POST.get("_reuse", ""))


def use_again(view: PapersView, value: str) -> HttpResponse:
    """`value` names the paper held and the box it is for: "17:c5"."""
    held, _colon, name = value.partition(":")
    box = next((b for b in view.boxes if b.name == name), None)
    if box is None or not held.isdigit():
        raise Http404
    try:
        document = papers.use_again(view.dossier, int(held), box, by=view.applicant)
        messages.success(view.request, sentence(_("Đã dùng lại %(name)s."), name=document.name))
    except StepRefused as error:
        return view.stale(error)
    except Refused as error:
        messages.error(view.request, error.told)
    return view.to_papers()


def offer_row(offer: papers.Offer, box: str) -> dict[str, Any]:
    """A held paper as portal/offer.html shows it."""
    document = offer.document
    facts = [_("hồ sơ %(code)s") % {"code": document.dossier.public_code}, document.dossier.procedure.name]
    if document.kind == Document.Kind.RESULT:
        facts.insert(0, _("kết quả giải quyết"))
    if document.valid_to:
        facts.append(_("có giá trị đến %(day)s") % {"day": vndate(document.valid_to)})
    else:
        facts.append(_("nộp ngày %(day)s, không ghi thời hạn") % {"day": vndate(document.added_at)})
    url = reverse("portal:file", kwargs={"ref": document.dossier.submission_ref, "pk": document.pk})
    return {
        "title": document.title or document.name,
        "name": document.name,
        "facts": "; ".join(facts),
        "url": url,
        "value": f"{document.pk}:{box}",
    }


def _told(component: Component) -> dict[str, Any]:
    """A paper that is not uploaded: why not."""
    if component.is_eform:
        level, mark = "ok", _("Đã có")
        text = _("Lập từ tờ khai ông/bà điền trên Cổng, không cần tải lên.")
    elif component.from_database:
        level, mark = "ok", _("Lấy từ kho")
        text = _("Cơ quan tự tra trong cơ sở dữ liệu, không yêu cầu ông/bà nộp.")
    else:
        level, mark = "off", _("Xuất trình")
        text = _("Không tải lên; mang theo khi đối chiếu hoặc khi nhận kết quả.")
    return {
        "id": f"gt-{component.pk}",
        "title": component.name,
        "level": level,
        "mark": mark,
        "icon": "",
        "text": text,
        "files": [],
        "coming": [],
        "offers": [],
        "more": "",
        "field": None,
    }
