"""Applying: the papers, and the ways they and the result go."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from danhmuc.models import Component
from hoso.forms import declaration
from hoso.models import Document, Dossier
from hoso.services import charges
from hoso.services.errors import Refused, StepRefused
from portal.forms.apply import PapersForm, WaysForm
from portal.services import drafts
from portal.views.flow import FlowView, papers_left, uploads_of


class Papers(FlowView):
    """Uploads, one card a component."""

    template_name = "portal/papers.html"
    part = "papers"
    title = "Giấy tờ đính kèm"

    def boxes(self) -> list[tuple[str, str, Component | None, dict[str, Any] | None]]:
        """(name of the file box, label, component, spec) of everything one may upload."""
        found: list[tuple[str, str, Component | None, dict[str, Any] | None]] = []
        for component in self.dossier.version.components.all():
            may = not component.is_eform and not component.from_database
            if may and component.kind == Component.Kind.SUBMIT:
                found.append((f"c{component.pk}", component.name, component, None))
        for spec in drafts.uploads_of_form(self.dossier):
            found.append((f"f-{spec['key']}", spec["label"], None, spec))
        return found

    def show(self, **context: Any) -> HttpResponse:
        """Cards with their files."""
        boxes = self.boxes()
        form = context.pop("form", None) or PapersForm([(name, label) for name, label, _, _ in boxes])
        left, note = papers_left(self.dossier)
        limit = f"{settings.UPLOAD_MAX_BYTES // 1024**2} MB"
        return super().show(
            form=form, cards=self.cards(form, boxes), note=note, left=left, limit=limit, **context
        )

    def cards(self, form: PapersForm, boxes: list[Any]) -> list[dict[str, Any]]:
        """What components/attach.html takes, one a paper."""
        files = list(uploads_of(self.dossier).order_by("pk"))
        cards = []
        number = 0
        for component in self.dossier.version.components.all():
            if component.is_eform or component.from_database or component.kind == Component.Kind.PRESENT:
                number += 1
                cards.append(_told(number, component))
        for name, label, component, spec in boxes:
            number += 1
            named = self.dossier.answers.get(spec["key"]) if spec else None
            mine = [
                f
                for f in files
                if (component and f.component_id == component.pk)
                or (isinstance(named, dict) and not f.component_id and f.sha256 == named.get("sha256"))
            ]
            needed = component.required if component else declaration.is_required(spec or {})
            errors = bool(form.errors.get(name)) if form.is_bound else False
            level, mark, icon = ("ok", "Đã có", "check") if mine else ("off", "Chưa có", "")
            if not mine and not needed:
                level, mark = "off", "Không bắt buộc"
            if errors:
                level, mark, icon = "late", "Cần sửa", "triangle"
            cards.append(
                {
                    "id": f"gt-{name}",
                    "number": number,
                    "title": label,
                    "level": level,
                    "mark": mark,
                    "icon": icon,
                    "text": component.case if component else (spec or {}).get("help", ""),
                    "files": [self.file(f) for f in mine],
                    "field": form[name],
                }
            )
        return cards

    def file(self, document: Document) -> dict[str, Any]:
        """One file of a card."""
        pages = f"{document.pages} trang" if document.pages and document.media_type.endswith("pdf") else ""
        ref = self.dossier.submission_ref
        return {
            "name": document.name,
            "url": reverse("portal:file", kwargs={"ref": ref, "pk": document.pk}),
            "size": document.size,
            "note": pages,
            "id": document.pk,
            "remove": "_remove",
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take in each file on its own: one bad file takes none of the others along."""
        if elsewhere := self.elsewhere():
            return elsewhere
        if (gone := request.POST.get("_remove", "")).isdigit():
            return self.remove(int(gone))
        boxes = self.boxes()
        form = PapersForm([(name, label) for name, label, _, _ in boxes], request.POST, request.FILES)
        form.is_valid()
        taken = 0
        for name, _, component, spec in boxes:
            form.errors.pop(name, None)
            for upload in form.cleaned_data.get(name) or []:
                try:
                    drafts.add_file(
                        self.dossier,
                        upload,
                        by=self.applicant,
                        component=component,
                        key=spec["key"] if spec else "",
                    )
                    taken += 1
                except StepRefused as error:
                    return self.stale(error)
                except Refused as error:
                    form.add_error(name, str(error))
            self.dossier.refresh_from_db(fields=["answers", "updated_at"])
        if form.errors:
            if taken:
                messages.success(request, f"Đã lưu {taken} tệp. Tệp có lỗi dưới đây chưa được nhận.")
            return self.show(form=form)
        if taken:
            messages.success(request, f"Đã lưu {taken} tệp.")
        if "_upload" in request.POST:
            return redirect("portal:papers", ref=self.dossier.submission_ref)
        left, note = papers_left(self.dossier)
        if left and "_later" not in request.POST:
            messages.warning(request, f"{note}. Ông/bà có thể bổ sung trước khi nộp.")
        return self.onward(request)

    def remove(self, document_id: int) -> HttpResponse:
        """Take a file out again; pressing twice does no harm."""
        try:
            document = drafts.remove_file(self.dossier, document_id, by=self.applicant)
            messages.success(self.request, f"Đã xóa tệp {document.name}.")
        except Document.DoesNotExist:
            messages.info(self.request, "Tệp này đã được xóa.")
        except StepRefused as error:
            return self.stale(error)
        except Refused as error:
            messages.error(self.request, str(error))
        return redirect("portal:papers", ref=self.dossier.submission_ref)


def _told(number: int, component: Component) -> dict[str, Any]:
    """A paper that is not uploaded: why not."""
    if component.is_eform:
        mark, text = "Đã có", "Lập từ tờ khai ông/bà điền trên Cổng, không cần tải lên."
    elif component.from_database:
        mark, text = "Lấy từ kho", "Cơ quan tự tra trong cơ sở dữ liệu, không yêu cầu ông/bà nộp."
    else:
        mark, text = "Xuất trình", "Không tải lên; mang theo khi đối chiếu hoặc khi nhận kết quả."
    return {
        "id": f"gt-{component.pk}",
        "number": number,
        "title": component.name,
        "level": "off" if mark == "Xuất trình" else "ok",
        "mark": mark,
        "icon": "",
        "text": text,
        "files": [],
        "field": None,
    }


class Ways(FlowView):
    """How the originals come, where the result goes, what it costs."""

    template_name = "portal/ways.html"
    part = "ways"
    title = "Bản giấy, phí và kết quả"

    def make(self, *args: Any, **kwargs: Any) -> WaysForm:
        """The form with the working days ahead."""
        return WaysForm(self.dossier, drafts.pickup_days(self.dossier.resolving_agency), *args, **kwargs)

    def show(self, **context: Any) -> HttpResponse:
        """The choices with the sum."""
        form = context.pop("form", None) or self.make(self.kept)
        return super().show(form=form, money=self.money(form), **context)

    def money(self, form: WaysForm) -> dict[str, Any]:
        """Rows of components/money.html for what is chosen now."""
        fees = charges.rules_for(self.dossier.version, Dossier.Channel.ONLINE)
        rows = [
            {"label": rule.name, "amount": rule.amount, "note": rule.basis} for rule in fees if not rule.case
        ]
        later: list[dict[str, Any]] = []
        note = f"Cước bưu chính một chiều, đến {100} g; trả cho nhân viên bưu điện"
        if form["papers_by"].value() == Dossier.PapersBy.POST if "papers_by" in form.fields else False:
            later.append(
                {"label": "Cước nhận hồ sơ tại nhà", "amount": form.price("nhan_gui_ho_so"), "note": note}
            )
        if form["return_by"].value() == Dossier.ReturnBy.POST:
            later.append(
                {
                    "label": "Cước trả kết quả tại nhà",
                    "amount": form.price("chuyen_tra_ket_qua"),
                    "note": note,
                }
            )
        rows += [row for row in later if row["amount"] is not None]
        return {
            "rows": rows,
            "total": {"label": "Cộng", "amount": sum(row["amount"] for row in rows), "note": ""}
            if rows
            else None,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the choice."""
        if elsewhere := self.elsewhere():
            return elsewhere
        if declaration.REFRESH in request.POST:
            typed = self.make()
            for name, field in typed.fields.items():
                typed.initial[name] = field.widget.value_from_datadict(request.POST, {}, name)
            return self.show(form=typed, changed=True)
        form = self.make(request.POST)
        if not form.is_valid():
            return self.show(form=form)
        try:
            drafts.save_ways(
                self.dossier.pk,
                by=self.applicant,
                papers_by=form.cleaned_data.get("papers_by") or Dossier.PapersBy.NONE,
                return_by=form.cleaned_data["return_by"],
                postal=form.postal(),
            )
        except StepRefused as error:
            return self.stale(error)
        return self.onward(request)
