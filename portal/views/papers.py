"""Applying: the papers of a draft, a card for each, with what was handed in and what need not be handed in again."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.formats import filesize_vi, vndate
from danhmuc.models import Component, User
from hoso.forms import declaration
from hoso.models import Document, Dossier
from hoso.services import documents, signed
from hoso.services.errors import Refused, StepRefused
from portal import tasks
from portal.forms.papers import PagesForm, PapersForm
from portal.models import Upload
from portal.services import papers, uploads
from portal.services.papers import Box
from portal.views.flow import FlowView, papers_left, uploads_of

#: Offers shown on the card itself; the rest are a page away.
OFFERED_AT_ONCE = 2
NOTES = {
    "blurred": gettext_lazy("Ảnh có thể bị mờ. Mở xem; nếu khó đọc chữ thì chụp lại"),
    "small": gettext_lazy("Ảnh nhỏ, chữ có thể khó đọc. Mở xem; nếu khó đọc thì chụp lại gần hơn"),
}


class PapersView(FlowView):
    """What the pages about papers share."""

    part = "papers"
    reads = ("version__components",)

    @cached_property
    def boxes(self) -> list[Box]:
        """Everything one may upload."""
        return papers.boxes(self.dossier)

    @property
    def limit(self) -> str:
        """The largest file, in words."""
        return f"{settings.UPLOAD_MAX_BYTES // 1024**2} MB"

    def to_papers(self) -> HttpResponse:
        """Back to the cards."""
        return redirect("portal:papers", ref=self.dossier.submission_ref)

    def sending(self, **more: Any) -> dict[str, Any]:
        """What static/js/upload.js reads from the form."""
        return {
            "begin": reverse("portal:upload_begin", kwargs={"ref": self.dossier.submission_ref}),
            "finish": reverse("portal:upload_finish", kwargs={"ref": self.dossier.submission_ref}),
            "most": settings.UPLOAD_MAX_BYTES,
            **more,
        }

    def take(
        self, box: str, files: Sequence[Any], adding_to: Document | None = None
    ) -> tuple[int, list[str]]:
        """Take in what came with the form for one box: (how many, what is wrong with the others)."""
        return take_files(self.dossier, box, files, by=self.applicant, adding_to=adding_to)


def take_files(
    dossier: Dossier, box: str, files: Sequence[Any], *, by: User, adding_to: Document | None = None
) -> tuple[int, list[str]]:
    """Take in what came with a form for one box: (how many, what is wrong with the others)."""
    rows: list[Upload] = []
    wrong: list[str] = []
    for file in files:
        try:
            rows.append(uploads.take_whole(dossier, box, file, by=by, adding_to=adding_to))
        except Refused as error:
            wrong.append(str(error))
    rows = uploads.finish(dossier, [row.key for row in rows], by=by) if rows else []
    for row in rows:
        if row.state == Upload.State.REFUSED:
            wrong.append(uploads.why_refused(row))
            uploads.drop(dossier, row.key, by=by)
    if any(row.state == Upload.State.READY for row in rows):
        tasks.prepare_uploads.delay()
    return len(files) - len(wrong), wrong


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
        coming = list(self.dossier.uploads.exclude(state=Upload.State.DONE).filter(owner=self.applicant))
        held = list(papers.reusable(self.dossier, self.applicant)[: papers.MOST_OFFERED])
        cards = []
        for component in self.dossier.version.components.all():
            if component.is_eform or component.from_database or component.kind == Component.Kind.PRESENT:
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
        coming: list[Upload],
        held: list[Document],
    ) -> dict[str, Any]:
        """One paper to be handed in: its state, its files, what may be used again."""
        mine = [self.file(f) for f in files if box.holds(f)]
        needed = box.component.required if box.component else declaration.is_required(box.spec or {})
        rows = [coming_row(row) for row in coming if row.box == box.name]
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

    def file(self, document: Document) -> dict[str, Any]:
        """One file of a card."""
        ref, pk = self.dossier.submission_ref, document.pk
        pages = document.pages or 0
        facts = [filesize_vi(document.size)]
        if document.media_type.endswith("pdf") and pages:
            facts.append(ngettext("%(n)d trang", "%(n)d trang", pages) % {"n": pages})
        if document.source is not None:
            facts.append(_("dùng lại từ hồ sơ %(code)s") % {"code": document.source.dossier.public_code})
        scan = documents.scan_state(document)
        if scan.level in {"ok", "off", "info"}:
            facts.append(scan.text)
        marks = [{"level": scan.level, "text": scan.text}] if scan.level == "late" else []
        marks += [{"level": said.level, "text": said.text} for said in signed.words(document.signatures)]
        for number, original in enumerate(document.originals, start=1):
            if text := NOTES.get(original.get("note", "")):
                which = _("Trang %(n)s") % {"n": number} + ": " if len(document.originals) > 1 else ""
                marks.append({"level": "soon", "text": f"{which}{text}"})
        photo = papers.is_of_photos(document) and document.source is None
        return {
            "id": pk,
            "name": document.name,
            "url": reverse("portal:file", kwargs={"ref": ref, "pk": pk}),
            "thumb": reverse("portal:preview", kwargs={"ref": ref, "pk": pk, "page": 1})
            if documents.has_preview(document)
            else "",
            "facts": " · ".join(facts),
            "marks": marks,
            "pages": reverse("portal:pages", kwargs={"ref": ref, "pk": pk}) if photo else "",
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
            messages.success(self.request, _("Đã xóa tệp %(name)s.") % {"name": document.name})
        except Document.DoesNotExist:
            messages.info(self.request, _("Tệp này đã được xóa."))
        except StepRefused as error:
            return self.stale(error)
        except Refused as error:
            messages.error(self.request, str(error))
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


class Pages(PapersView):
    """The pages of a file made of photographs: in another order, turned, one out, some more."""

    template_name = "portal/pages.html"
    title = gettext_lazy("Các trang của tệp")

    @cached_property
    def document(self) -> Document:
        """The file; one that is gone is not found."""
        found = uploads_of(self.dossier).filter(pk=self.kwargs["pk"], source=None).first()
        if found is None or not papers.is_of_photos(found):
            raise Http404
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The pages; a file that has been put in another's place meanwhile leads back to the cards."""
        if elsewhere := self.elsewhere():
            return elsewhere
        if self.dossier.documents.filter(pk=kwargs["pk"]).exclude(removed_at=None).exists():
            return self.to_papers()
        return self.show()

    def show(self, **context: Any) -> HttpResponse:
        """Every page with its place."""
        document = self.document
        form = context.pop("form", None) or PagesForm(document.pages or 1, self.limit)
        ref, pk = self.dossier.submission_ref, document.pk
        rows = [
            {
                "number": number,
                "thumb": reverse("portal:preview", kwargs={"ref": ref, "pk": pk, "page": number}),
                "name": original["name"],
                "note": str(NOTES.get(original.get("note", ""), "")),
                "place": form[f"place_{number}"],
                "turn": form[f"turn_{number}"],
                "out": form[f"out_{number}"],
            }
            for number, original in enumerate((leaf.original for leaf in papers.leaves_of(document)), 1)
        ]
        sending = self.sending(box=f"p{pk}", after=self.address("papers"))
        return super().show(
            form=form,
            document=document,
            rows=rows,
            more=form["more"],
            limit=self.limit,
            sending=sending,
            **context,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Bind the file anew as the person wants it."""
        if elsewhere := self.elsewhere():
            return elsewhere
        document = self.document
        form = PagesForm(document.pages or 1, self.limit, request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form=form)
        try:
            leaves = form.arranged(papers.leaves_of(document))
            if leaves is not None:
                document = papers.arrange(self.dossier, document, leaves, by=self.applicant)
                messages.success(request, _("Đã lưu các trang của tệp %(name)s.") % {"name": document.name})
        except StepRefused as error:
            return self.stale(error)
        except Document.DoesNotExist:
            messages.info(request, _("Tệp này vừa được thay ở cửa sổ khác."))
            return self.to_papers()
        except Refused as error:
            form.add_error(None, str(error))
            return self.show(form=form)
        box = next((b.name for b in self.boxes if b.holds(document)), "")
        came, wrong = self.take(box, form.cleaned_data["more"], adding_to=document)
        if came:
            messages.success(
                request, ngettext("Đã thêm %(n)d trang.", "Đã thêm %(n)d trang.", came) % {"n": came}
            )
        for text in wrong:
            messages.error(request, text)
        return self.to_papers()


def use_again(view: PapersView, value: str) -> HttpResponse:
    """`value` names the paper held and the box it is for: "17:c5"."""
    held, _colon, name = value.partition(":")
    box = next((b for b in view.boxes if b.name == name), None)
    if box is None or not held.isdigit():
        raise Http404
    try:
        document = papers.use_again(view.dossier, int(held), box, by=view.applicant)
        messages.success(view.request, _("Đã dùng lại %(name)s.") % {"name": document.name})
    except StepRefused as error:
        return view.stale(error)
    except Refused as error:
        messages.error(view.request, str(error))
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


def coming_row(row: Upload) -> dict[str, Any]:
    """A file that is not a paper yet: broken off, being looked at, or refused."""
    come = uploads.offset(row)
    percent = come * 100 // row.size
    if row.state == Upload.State.READY:
        text = _("Đã tải lên đủ, đang xử lý. Xong thì tệp tự hiện ở đây.")
    elif row.state == Upload.State.REFUSED:
        text = uploads.why_refused(row)
    else:
        text = _("Mới tải được %(percent)d%%. Chọn lại đúng tệp này để tải tiếp phần còn lại.") % {
            "percent": percent
        }
    return {
        "key": str(row.key),
        "name": row.name,
        "size": row.size,
        "percent": percent,
        "text": text,
        "busy": row.state == Upload.State.READY,
        "wrong": row.state == Upload.State.REFUSED,
        "box": row.box,
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
