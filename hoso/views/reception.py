"""The counter: one keyboard-driven page from the owner's identity card to the acceptance slip."""

import re
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.contrib.postgres.search import SearchQuery
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from config.formats import vndatetime
from danhmuc.models import Agency, Desk, Procedure, ProcedureVersion, User
from danhmuc.services import resolver_at, resolvers_for
from danhmuc.text import fold, prefix_query
from hoso import access
from hoso.forms.reception import ReceptionForm
from hoso.lifecycle import OPEN, State
from hoso.models import Charge, Document, Dossier, PostalChoice
from hoso.services import charges, clocks, documents, dossiers
from hoso.services.case import Case, write
from hoso.services.errors import Refused, StepRefused
from hoso.services.law import Law
from hoso.services.numbers import DatabaseSeries
from hoso.views import queues
from hoso.views.base import OfficerRequired
from hoso.views.panels import file_row

_SALT = "tiep-nhan"
#: Steps that have a page of their own: the draft is kept and the officer goes on there.
_FURTHER = {"ask_completion", "refuse_intake", "accept_immediate"}


class Reception(OfficerRequired):
    """Search the procedure, then everything on one page. The page's own number makes a second press harmless."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The search, the empty page of a procedure, or a draft kept earlier."""
        self._allowed()
        draft = self._draft(request.GET.get("nhap", ""))
        if draft is not None and draft.state != State.DRAFT:
            return HttpResponseRedirect(reverse("hoso:dossier", args=[draft.submission_ref]))
        code = request.GET.get("thu-tuc", "")
        if draft is None and not code:
            return self._search(request)
        version = draft.version if draft else self._version(code)
        initial = _initial(draft) if draft else {}
        form = self._form(version, initial=initial, owing=_owing(version, initial))
        return self._page(
            form, version, draft.submission_ref if draft else DatabaseSeries().reference(), draft
        )

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Look the owner up, keep the draft, or receive."""
        self._allowed()
        ref = self._reference()
        draft = self._draft(ref)
        if draft is not None and draft.state != State.DRAFT:
            return self._done(draft)
        version = draft.version if draft else self._version(request.POST.get("thu-tuc", ""))
        action = request.POST.get("do", "save")
        if action == "lookup" and not request.FILES:
            return self._looked_up(version, ref, draft)
        form = self._form(
            version,
            request.POST,
            request.FILES,
            lenient=action not in {"accept"},
            owing=_owing(version, request.POST.dict()),
        )
        valid = form.is_valid()
        try:
            scans = [(c, kind, documents.receive(upload)) for c, kind, upload in form.scans()]
        except Refused as refused:
            form.add_error(None, str(refused))
            return self._page(form, version, ref, draft)
        if not valid and not scans:
            return self._page(form, version, ref, draft)
        refused_by: Refused | None = None
        dossier: Dossier | None = None
        try:
            with transaction.atomic():
                dossier = self._keep(form, version, ref, draft, scans)
                if action.startswith("remove:"):
                    self._remove(dossier, action)
                if valid and action == "accept":
                    try:
                        with transaction.atomic():
                            dossier = self._accept(dossier, form)
                    except Refused as refused:
                        refused_by = refused
        except (IntegrityError, StepRefused):
            twin = self._draft(ref)  # the other press of the same button has stored it
            if twin is None or twin.state == State.DRAFT:
                raise
            return self._done(twin)
        if refused_by is not None:
            form.add_error(None, str(refused_by))
        if form.errors:
            return self._page(form, version, ref, self._draft(ref))
        if action == "accept":
            return self._done(dossier)
        if action in _FURTHER:
            query = "".join(f"&thieu={c.pk}" for c in form.absent()) if action == "ask_completion" else ""
            url = reverse(f"hoso:{action}", args=[ref])
            return HttpResponseRedirect(f"{url}?{query.removeprefix('&')}" if query else url)
        messages.success(request, "Đã lưu tạm. Hồ sơ chưa được tiếp nhận.")
        return HttpResponseRedirect(f"{request.path}?nhap={ref}")

    # -- Parts -----------------------------------------------------------------------------------------------------

    def _allowed(self) -> None:
        self.reach = queues.reach_of(self.officer)
        if not (self.reach.desks and self.reach.may("accept")):
            raise PermissionDenied

    def _desks(self) -> Any:
        return Desk.objects.filter(pk__in=self.reach.desks).select_related("agency", "serves").order_by("pk")

    def _draft(self, ref: str) -> Dossier | None:
        if not ref:
            return None
        return (
            Dossier.objects.filter(submission_ref=ref, entered_by=self.officer)
            .select_related(
                "version__procedure", "procedure", "desk__agency", "desk__serves", "resolving_agency"
            )
            .first()
        )

    def _version(self, code: str) -> ProcedureVersion:
        found = Procedure.objects.filter(code=code).select_related("current__procedure__field").first()
        if found is None or found.current is None:
            raise Http404("Không có thủ tục này, hoặc thủ tục chưa công khai đủ nội dung.")
        return found.current

    def _reference(self) -> str:
        """The number this page was given; signed, so that nobody names another's."""
        try:
            given: dict[str, Any] = signing.loads(self.request.POST.get("trang", ""), salt=_SALT)
        except signing.BadSignature:
            raise PermissionDenied from None
        if given["user"] != self.officer.pk:
            raise PermissionDenied
        return str(given["ref"])

    def _form(
        self, version: ProcedureVersion, *data: Any, owing: list[Charge], **kwargs: Any
    ) -> ReceptionForm:
        desk = self._desks().first()
        agencies = resolvers_for(version)
        initial = {"desk": desk, "agency": _resolver(version, desk)} | kwargs.pop("initial", {})
        return ReceptionForm(
            *data,
            version=version,
            desks=self._desks(),
            agencies=agencies,
            owing=owing,
            initial=initial,
            **kwargs,
        )

    def _keep(
        self,
        form: ReceptionForm,
        version: ProcedureVersion,
        ref: str,
        draft: Dossier | None,
        scans: list[Any],
    ) -> Dossier:
        """Store what is right on the page, with the scans, as a draft nobody else sees."""
        data = form.cleaned_data
        values = form.kept()

        def fill(case: Case) -> None:
            if case.dossier.state != State.DRAFT:
                raise dossiers.overtaken(case)
            for name, value in values.items():
                setattr(case.dossier, name, value)
            if data.get("desk"):
                case.dossier.desk = data["desk"]
            if data.get("agency"):
                case.dossier.resolving_agency = data["agency"]
            _choose_post(case, form)
            for component, kind, received in scans:
                documents.take_in(
                    case,
                    received,
                    by=self.officer,
                    kind=Document.Kind.SCAN,
                    component=component,
                    copy_kind=kind,
                )

        if draft is not None:
            return dossiers.save_draft(draft.pk, by=self.officer, change=fill)
        desk = data.get("desk") or self._desks().first()
        case = dossiers.open_draft(
            version,
            by=self.officer,
            desk=desk,
            agency=data.get("agency") or _resolver(version, desk) or desk.serves,
            channel=Dossier.Channel.COUNTER,
        )
        case.dossier.submission_ref = ref
        fill(case)
        write([case])
        return case.dossier

    def _remove(self, dossier: Dossier, action: str) -> None:
        with suppress(ValueError, Document.DoesNotExist):
            documents.remove(dossier.pk, int(action.removeprefix("remove:")), by=self.officer)

    def _accept(self, dossier: Dossier, form: ReceptionForm) -> Dossier:
        """Accept, and take the money that was laid on the desk, together."""
        account = _account(form.cleaned_data)

        def belong(case: Case) -> None:
            case.dossier.applicant = account

        # Only now: nobody but the writer may see the draft, and an applicant would.
        dossiers.save_draft(dossier.pk, by=self.officer, change=belong)
        done = dossiers.advance(
            dossier.pk,
            "accept",
            by=self.officer,
            note=form.papers_text(),
            papers=form.papers(),
            eid_checked=form.cleaned_data["eid_checked"],
        )
        due = list(done.charges.filter(status="due"))
        if form.cleaned_data.get("collected") and due:
            done = dossiers.advance(
                done.pk,
                "record_payment",
                by=self.officer,
                charges=[c.seq for c in due],
                amount=sum(c.amount for c in due),
                method="cash_desk",
                reference=f"TQ-{done.submission_ref}-{done.last_seq}",
            )
        return done

    def _done(self, dossier: Dossier) -> HttpResponse:
        if dossier.code and dossier.due_at:
            messages.success(
                self.request,
                f"Đã tiếp nhận, mã hồ sơ {dossier.code}. Hẹn trả {vndatetime(dossier.due_at)}. "
                "In giấy tiếp nhận ở mục “Phiếu đã lập”.",
            )
        return HttpResponseRedirect(reverse("hoso:dossier", args=[dossier.submission_ref]))

    def _looked_up(self, version: ProcedureVersion, ref: str, draft: Dossier | None) -> HttpResponse:
        """The page again with what is known of the owner filled in; nothing typed is lost, nothing judged yet."""
        typed: dict[str, Any] = {
            key: value for key, value in self.request.POST.items() if key not in {"trang", "do", "seen"}
        }
        for name in ("desk", "agency"):
            typed[name] = typed.get(name) or None
        number = "".join(typed.get("owner_id", "").split())
        found = _citizen(number)
        if found is not None:
            typed |= {
                "owner_name": found.full_name,
                "phone": typed.get("phone") or found.phone.replace("+84", "0", 1),
                "email": typed.get("email") or found.email,
                "address": typed.get("address") or _address(found),
            }
        form = self._form(version, initial=typed, owing=_owing(version, typed))
        return self._page(form, version, ref, draft, citizen=found, looked=number)

    def _search(self, request: HttpRequest) -> HttpResponse:
        words = request.GET.get("q", "").strip()[:120]
        found: list[Procedure] = []
        if words:
            query = prefix_query(words)
            match = Q(code=words)
            if query:
                match |= Q(search=SearchQuery(query, search_type="raw", config="simple"))
                match |= Q(name__icontains=words)
            found = list(
                Procedure.objects.filter(match, is_current=True)
                .exclude(current=None)
                .select_related("field", "current")
                .defer("search", "current__eform", "current__steps_text")
                .order_by("code")[:30]
            )
            found.sort(key=lambda p: (p.code != words, fold(words) not in fold(p.name), p.code))
        drafts = (
            Dossier.objects.filter(state=State.DRAFT, entered_by=self.officer)
            .exclude(channel=Dossier.Channel.ONLINE)
            .select_related("version")
            .defer("version__eform")
            .order_by("-updated_at")[:10]
        )
        return render(
            request, "hoso/reception_search.html", {"words": words, "found": found, "drafts": drafts}
        )

    def _page(
        self,
        form: ReceptionForm,
        version: ProcedureVersion,
        ref: str,
        draft: Dossier | None,
        *,
        citizen: User | None = None,
        looked: str = "",
    ) -> HttpResponse:
        now = timezone.now()
        law = Law()
        desk = draft.desk if draft else self._desks().first()
        agency = (draft.resolving_agency if draft else None) or _resolver(version, desk) or desk.serves
        scans: dict[int | None, list[dict[str, Any]]] = {}
        if draft is not None:
            for document in draft.documents.filter(removed_at=None, replaced_by=None):
                scans.setdefault(document.component_id, []).append(file_row(document))
        number = looked or (form["owner_id"].value() or "")
        context = {
            "form": form,
            "version": version,
            "token": signing.dumps({"ref": ref, "user": self.officer.pk}, salt=_SALT),
            "draft": draft,
            "rows": [row | {"files": scans.get(row["component"].pk, [])} for row in form.rows()],
            "promise": clocks.promise(version, law.calendar(agency, now), now, law),
            "fees": _fee_rows(version, form.owing),
            "fee_total": form.fees,
            "agency": agency,
            "many_desks": len(self.reach.desks) > 1,
            "citizen": citizen,
            "looked": looked,
            "earlier": self._earlier(number, version),
            "on_the_spot": version.time_unit == "immediate" or version.delegated_to_desk,
        }
        return render(self.request, "hoso/reception.html", context)

    def _earlier(self, number: str, version: ProcedureVersion) -> dict[str, Any] | None:
        """What this desk already has of the owner: how many dossiers, and an open one of the same procedure."""
        digits = "".join(str(number).split())
        if len(digits) < 9:
            return None
        mine = Dossier.objects.filter(access.visible(self.officer), owner_id=digits).matching(digits)
        rows = list(mine.order_by("-pk").values_list("procedure_id", "state", "code", "submission_ref")[:20])
        twin = next((r for r in rows if r[0] == version.procedure_id and r[1] in OPEN), None)
        return {"count": len(rows), "twin": {"code": twin[2] or twin[3], "ref": twin[3]} if twin else None}


def _owing(version: ProcedureVersion, typed: dict[str, Any]) -> list[Charge]:
    """What accepting would charge the owner named so far, with the reliefs nobody has to ask for."""
    numbers = {
        name: re.sub(r"[\s.\-]", "", str(typed.get(name) or "")) for name in ("owner_id", "submitter_id")
    }
    dossier = Dossier(
        version=version,
        procedure=version.procedure,
        channel=Dossier.Channel.COUNTER,
        owner_id=numbers["owner_id"],
        applicant=_account(numbers) if numbers["owner_id"] else None,
    )
    return charges.expected(dossier, Law(), timezone.now())


def _fee_rows(version: ProcedureVersion, owing: list[Charge]) -> list[dict[str, Any]]:
    """Money rows: what is charged, for how much of it, and why it is less than the tariff."""
    rules = charges.rules_for(version, Dossier.Channel.COUNTER) if owing else []
    return [
        {
            "name": charge.name,
            "per": rule.per,
            "amount": charge.amount,
            "full": charge.full_amount if charge.amount != charge.full_amount else 0,
            "why": f"{charge.relief.name} ({charge.relief.basis})" if charge.relief else "",
        }
        for rule, charge in zip(rules, owing, strict=True)
    ]


def _resolver(version: ProcedureVersion, desk: Desk | None) -> Agency | None:
    """The agency that most likely resolves it: that of the desk's own commune, else the only one."""
    if desk is None:
        return None
    found = list(resolvers_for(version)[:200])
    own = next((a for a in found if a.pk == desk.serves_id), None)
    if own is None and desk.serves.place_id:
        own = resolver_at(version, desk.serves.place_id)
    return own or (found[0] if len(found) == 1 else None)


def _citizen(number: str) -> User | None:
    if not number:
        return None
    return (
        User.objects.filter(kind=User.Kind.CITIZEN, personal_id=number, is_active=True)
        .select_related("place__parent")
        .first()
    )


def _account(data: dict[str, Any]) -> User | None:
    """The portal account of whoever hands the dossier in, so that they can follow it; else the owner's."""
    return _citizen(data.get("submitter_id", "")) or _citizen(data.get("owner_id", ""))


def _address(citizen: User) -> str:
    return ", ".join(part for part in (citizen.address, citizen.place and citizen.place.full_name) if part)


def _initial(draft: Dossier) -> dict[str, Any]:
    """A kept draft as the page showed it."""
    own = draft.submitter_id in {"", draft.owner_id}
    values = {
        "desk": draft.desk,
        "agency": draft.resolving_agency,
        "owner_kind": draft.owner_kind,
        "owner_id": draft.owner_id,
        "owner_name": draft.owner_name,
        "phone": draft.phone.replace("+84", "0", 1),
        "email": draft.email,
        "address": draft.address,
        "acting": "owner" if own else "representative",
        "submitter_name": "" if own else draft.submitter_name,
        "submitter_id": "" if own else draft.submitter_id,
        "authority_note": draft.authority_note,
        "summary": draft.summary,
        "return_by": draft.return_by,
    }
    for document in draft.documents.filter(removed_at=None, replaced_by=None).exclude(component=None):
        values[f"have_{document.component_id}"] = True
        values[f"copy_{document.component_id}"] = document.copy_kind
    return values


def _choose_post(case: Case, form: ReceptionForm) -> None:
    """Home delivery is a wish the postal module comes to find."""
    dossier, data = case.dossier, form.cleaned_data
    if dossier.return_by != Dossier.ReturnBy.POST:
        if case.postal is not None and case.postal.pk:
            case.postal.delete()
        return
    wish = {
        "delivery_address": data.get("delivery_address") or dossier.address,
        "receiver": dossier.submitter_name or dossier.owner_name,
        "phone": dossier.phone,
    }
    if case.postal is None:
        case.add(
            PostalChoice(
                dossier=dossier,
                service=PostalChoice.Service.RECEIVE,
                registered_by="counter",
                registered_at=timezone.now(),
                **wish,
            )
        )
    else:
        for name, value in wish.items():
            setattr(case.postal, name, value)
        case.touch(case.postal)
