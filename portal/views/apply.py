"""Applying: choose the agency, answer, upload, choose the ways, check, file."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.generic import TemplateView

from config.formats import filesize_vi, vnd, vndate
from danhmuc.models import Component, Procedure, ProcedureVersion, User
from hoso.forms import declaration
from hoso.forms.declaration import SectionForm
from hoso.models import Document, Dossier, Paper, State
from hoso.services import charges, printing
from hoso.services.answers import EMPTY, sections_of
from hoso.services.errors import Refused, StepRefused
from portal import identity
from portal.forms.apply import AgencyForm, DeclareForm, PapersForm, WaysForm
from portal.services import drafts
from portal.views.base import DraftView, KeepingMixin, own_dossier

MARKS = {
    "done": ("Đã xong", "ok", "check"),
    "started": ("Đang làm", "info", ""),
    "todo": ("Chưa làm", "off", ""),
}


class Start(KeepingMixin, TemplateView):
    """The first question: which agency. The answer makes the draft."""

    template_name = "portal/start.html"
    procedure: Procedure
    version: ProcedureVersion

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """The procedure with the version one would apply under."""
        super().setup(request, *args, **kwargs)
        self.procedure = get_object_or_404(Procedure.objects.select_related("current"), code=kwargs["code"])
        if self.procedure.current is None:
            raise Http404
        self.version = self.procedure.current

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The choice of agencies, with the drafts one already has."""
        return self.elsewhere() or self.render_to_response(self.context(self.form(self.kept)))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Begin, or go on with the empty draft a first press has made."""
        form = self.form(request.POST)
        if elsewhere := self.elsewhere():
            return elsewhere
        if form.is_valid():
            try:
                draft = drafts.start(self.version, by=self.person, agency=form.cleaned_data["agency"])
                return redirect("portal:draft", ref=draft.submission_ref)
            except Refused as error:
                form.add_error(None, str(error))
        return self.render_to_response(self.context(form))

    @property
    def person(self) -> User:
        """The signed-in person."""
        assert isinstance(self.request.user, User)
        return self.request.user

    def form(self, data: Any) -> AgencyForm:
        """The choice."""
        if not self.person.is_applicant:
            raise PermissionDenied
        return AgencyForm(self.version, self.person, data)

    def elsewhere(self) -> HttpResponse | None:
        """To the national portal where this deployment takes no submissions (domain §1.2)."""
        if drafts.may_apply_here(self.procedure):
            return None
        return redirect(drafts.NATIONAL_PORTAL)

    def context(self, form: AgencyForm) -> dict[str, Any]:
        """The page."""
        mine = Dossier.objects.filter(applicant=self.person, procedure=self.procedure, state=State.DRAFT)
        return {
            "form": form,
            "procedure": self.procedure,
            "version": self.version,
            "drafts": mine.exclude(answers={}).order_by("-updated_at")[:5],
            "title": f"Nộp hồ sơ: {self.version.name}",
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


class TaskList(FlowView):
    """The parts of a draft, in any order, each with its state."""

    template_name = "portal/draft.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Parts and what is still missing."""
        dossier, version = self.dossier, self.dossier.version
        sections, undone = [], []
        for number, section in declaration.pages(version, dossier.answers):
            state = declaration.progress(version, number, dossier.answers)
            text, level, icon = MARKS[state]
            part = f"section:{number}"
            if state != "done":
                undone.append(part)
            sections.append(
                {
                    "title": section["title"],
                    "note": "",
                    "url": self.address(part),
                    "text": text,
                    "level": level,
                    "icon": icon,
                }
            )
        missing, note = papers_left(dossier)
        ways_open = drafts.ways_open(dossier)
        papers = {"title": "Giấy tờ đính kèm", "note": note, "url": self.address("papers")}
        papers |= _mark("todo" if missing else "done")
        ways = {"title": "Bản giấy và kết quả", "note": ways_in_words(dossier), "url": self.address("ways")}
        ways |= _mark("todo" if ways_open else "done")
        if missing:
            undone.append("papers")
        if ways_open:
            undone.append("ways")
        last = {"title": "Kiểm tra lại và nộp", "url": "" if undone else self.address("check")}
        last |= (
            {"note": "Mở khi các phần trên đã xong", "text": "Chưa mở", "level": "off", "icon": ""}
            if undone
            else {"note": "Chưa nộp", "text": "Sẵn sàng", "level": "info", "icon": ""}
        )
        total = len(sections) + 3
        agency = {
            "title": "Nơi giải quyết",
            "note": dossier.resolving_agency.name,
            "url": reverse("portal:draft_agency", kwargs={"ref": dossier.submission_ref}),
        } | _mark("done")
        return super().get_context_data(
            prepare=[agency],
            sections=sections,
            rest=[papers, ways],
            last=[last],
            done=total - len(undone),
            total=total,
            next=self.address(undone[0] if undone else "check"),
            ready=not undone,
            **kwargs,
        )


def _mark(state: str) -> dict[str, str]:
    text, level, icon = MARKS[state]
    return {"text": text, "level": level, "icon": icon}


def papers_left(dossier: Dossier) -> tuple[int, str]:
    """(required papers not yet there, what the list of parts says)."""
    have = set(_current(dossier).values_list("component_id", flat=True))
    wanted = [c for c in dossier.version.components.all() if c.required and not c.is_eform]
    missing = [c for c in wanted if c.pk not in have]
    uploads = [s for s in drafts.uploads_of_form(dossier) if declaration.is_required(s)]
    missing_uploads = [s for s in uploads if dossier.answers.get(s["key"]) in EMPTY]
    left, total = len(missing) + len(missing_uploads), len(wanted) + len(uploads)
    if not total:
        return 0, "Không có giấy tờ bắt buộc; có thể đính kèm nếu cần"
    return left, f"Đã có {total - left} trên {total} giấy tờ phải nộp"


def _current(dossier: Dossier) -> Any:
    return dossier.documents.filter(replaced_by=None, removed_at=None, kind=Document.Kind.UPLOAD)


def ways_in_words(dossier: Dossier) -> str:
    """How papers come and the result goes."""
    parts = []
    if dossier.papers_by != Dossier.PapersBy.NONE:
        parts.append(dossier.get_papers_by_display())
    parts.append(dossier.get_return_by_display())
    return "; ".join(parts)


class AgencyPage(DraftView):
    """Another agency for the draft."""

    template_name = "portal/draft_agency.html"
    title = "Nơi giải quyết"

    def show(self, **context: Any) -> HttpResponse:
        """With the agency chosen before."""
        context.setdefault("form", self.form(self.kept))
        return super().show(**context)

    def form(self, data: Any) -> AgencyForm:
        """The choice."""
        return AgencyForm(self.dossier.version, self.applicant, data, present=self.dossier.resolving_agency)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep it."""
        if elsewhere := self.elsewhere():
            return elsewhere
        form = self.form(request.POST)
        if form.is_valid():
            try:
                drafts.choose_agency(self.dossier.pk, by=self.applicant, agency=form.cleaned_data["agency"])
                messages.success(request, "Đã lưu nơi giải quyết.")
                return redirect("portal:draft", ref=self.dossier.submission_ref)
            except StepRefused as error:
                return self.stale(error)
            except Refused as error:
                form.add_error(None, str(error))
        return self.show(form=form)


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

    def make(self, *, lenient: bool = False, **kwargs: Any) -> SectionForm:
        """The form over what is stored."""
        dossier = self.dossier
        sources = identity.sources(self.applicant, dossier.version, dossier.resolving_agency.name)
        return SectionForm(
            dossier.version, self.number, dossier.answers, sources=sources, lenient=lenient, **kwargs
        )

    def show(self, **context: Any) -> HttpResponse:
        """The questions; what was typed before the session ended comes first."""
        if "form" not in context:
            context["form"] = self.make(typed=self.kept)
        form = context["form"]
        return super().show(title=form.section["title"], help=form.section.get("help", ""), **context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep what is right, show again what is not."""
        if elsewhere := self.elsewhere():
            return elsewhere
        if {declaration.REFRESH, declaration.ADD, declaration.REMOVE} & request.POST.keys():
            return self.show(form=self.make(typed=request.POST), changed=True)
        form = self.make(data=request.POST, lenient="_later" in request.POST)
        newly = form.newly_asked
        if newly:
            form = self.make(data=request.POST, lenient=True)
        valid = form.is_valid()
        try:
            self.keep(form.values, whole=valid and not newly)
        except StepRefused as error:
            return self.stale(error)
        if not valid:
            if form.values:
                messages.warning(
                    request, "Các ô đúng đã lưu. Những ô có lỗi dưới đây chưa lưu; sửa rồi bấm lưu lại."
                )
            return self.show(form=form)
        if newly:
            messages.info(
                request, "Đã lưu. Câu trả lời vừa chọn cần thêm thông tin; trang này có câu hỏi mới."
            )
            return redirect(request.get_full_path())
        for text in form.warnings:
            messages.warning(request, text)
        return self.onward(request)

    def keep(self, values: Mapping[str, Any], *, whole: bool) -> None:
        """Store the answers; a page that is not complete leaves its open questions open."""
        kept = values if whole else {k: v for k, v in values.items() if v not in EMPTY}
        self.dossier = self.reload(drafts.save_answers(self.dossier.pk, kept, by=self.applicant))

    def reload(self, saved: Dossier) -> Dossier:
        """The saved row with the relations this page shows."""
        for name in ("version", "resolving_agency", "desk", "procedure"):
            setattr(saved, name, getattr(self.dossier, name))
        return saved


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
        limit = filesize_vi(_limit())
        return super().show(
            form=form, cards=self.cards(form, boxes), note=note, left=left, limit=limit, **context
        )

    def cards(self, form: PapersForm, boxes: list[Any]) -> list[dict[str, Any]]:
        """What components/attach.html takes, one a paper."""
        files = list(_current(self.dossier).order_by("pk"))
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


def _limit() -> int:
    from django.conf import settings

    return int(settings.UPLOAD_MAX_BYTES)


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


class Check(FlowView):
    """The answers once more, the applicant's word, and the one button that files."""

    template_name = "portal/check.html"
    part = "check"
    title = "Kiểm tra trước khi nộp"

    def declaration_text(self) -> str:
        """The promise the form names."""
        return str(
            self.dossier.version.eform.get("declaration")
            or "Tôi cam đoan thông tin và giấy tờ trên là đúng sự thật, chịu trách nhiệm trước pháp luật."
        )

    def show(self, **context: Any) -> HttpResponse:
        """Everything that will be filed."""
        dossier = self.dossier
        form = context.pop("form", None) or DeclareForm(
            self.declaration_text(), initial={"seen": dossier.last_seq}
        )
        files: dict[str, list[str]] = {}
        documents = list(_current(dossier).order_by("pk"))
        for document in documents:
            files.setdefault(document.title, []).append(f"{document.name} ({filesize_vi(document.size)})")
        have = {d.component_id for d in documents}
        return super().show(
            form=form,
            shown=[
                {
                    "title": s.title,
                    "rows": [
                        {
                            "label": label,
                            "value": text,
                            "url": self.address(f"section:{s.number}") + "?ve=kiem-tra",
                        }
                        for label, text in s.rows
                    ],
                }
                for s in declaration.display(dossier.version, dossier.answers)
                if s.rows
            ],
            files=[
                {"label": title, "lines": names, "url": self.address("papers") + "?ve=kiem-tra"}
                for title, names in files.items()
            ],
            ways=self.ways(),
            problems=[
                {"url": self.address(part), "text": text} for part, text in drafts.problems(dossier, have)
            ],
            **context,
        )

    def ways(self) -> list[dict[str, Any]]:
        """Ways and fees in words."""
        dossier, url = self.dossier, self.address("ways") + "?ve=kiem-tra"
        rows: list[dict[str, Any]] = []
        postal = getattr(dossier, "postal", None)
        if dossier.papers_by != Dossier.PapersBy.NONE:
            lines = [dossier.get_papers_by_display()]
            if postal is not None and postal.pickup_on:
                lines += [
                    postal.pickup_address,
                    f"{postal.get_pickup_part_display()} ngày {vndate(postal.pickup_on)}",
                ]
            rows.append({"label": "Nộp bản giấy", "lines": lines, "url": url})
        lines = [dossier.get_return_by_display()]
        if postal is not None and postal.delivery_address:
            lines += [postal.receiver, postal.delivery_address]
        rows.append({"label": "Nhận kết quả", "lines": lines, "url": url})
        fees = [r for r in charges.rules_for(dossier.version, Dossier.Channel.ONLINE) if not r.case]
        text = [f"{fee.name}: {vnd(fee.amount)}" for fee in fees] or ["Không thu"]
        rows.append({"label": "Phí, lệ phí", "lines": text, "url": ""})
        return rows

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """File it. Pressed twice, both presses lead to the one submission."""
        ref = self.dossier.submission_ref
        if self.dossier.state == State.SUBMITTED and self.dossier.accepted_at is None:
            return redirect("portal:done", ref=ref)
        if elsewhere := self.elsewhere():
            return elsewhere
        form = DeclareForm(self.declaration_text(), request.POST)
        if form.is_valid():
            try:
                drafts.submit(self.dossier.pk, by=self.applicant, seen=form.cleaned_data["seen"])
                return redirect("portal:done", ref=ref)
            except StepRefused as error:
                if Dossier.objects.filter(pk=self.dossier.pk, state=State.SUBMITTED).exists():
                    return redirect("portal:done", ref=ref)
                return self.stale(error)
            except Refused as error:
                form.add_error(None, str(error))
        return self.show(form=form)


class Done(KeepingMixin, TemplateView):
    """What was filed: the reference, and the proof with size and SHA-256 of every file."""

    template_name = "portal/done.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The confirmation; it may be opened again later."""
        dossier = own_dossier(request, kwargs["ref"])
        if dossier.state == State.DRAFT:
            return redirect("portal:draft", ref=dossier.submission_ref)
        proof = dossier.papers.filter(kind=Paper.Kind.SUBMISSION_PROOF).order_by("seq").first()
        filed = dossier.documents.filter(removed_at=None, kind=Document.Kind.UPLOAD)
        if dossier.submitted_at:
            filed = filed.filter(added_at__lte=dossier.submitted_at)
        files = [
            {
                "name": f.name,
                "size": f.size,
                "note": f.title,
                "checksum": f.sha256,
                "url": "",
                "level": "",
                "mark": "",
            }
            for f in filed.order_by("pk")
        ]
        return self.render_to_response(
            {
                "dossier": dossier,
                "version": dossier.version,
                "proof": proof,
                "files": files,
                "qr": mark_safe(printing.qr_svg(printing.lookup_url(dossier.submission_ref))),
                "due": charges_before_intake(dossier),
            }
        )


def charges_before_intake(dossier: Dossier) -> int:
    """What has to be paid before the desk looks, in đồng."""
    due = dossier.charges.filter(status="due", stage="before_intake").aggregate(
        n=Count("pk", filter=Q(amount__gt=0))
    )
    return int(due["n"])
