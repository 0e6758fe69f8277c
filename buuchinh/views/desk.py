"""The desk's side: count papers with the carrier, give results out, sign one record, confirm money (design 23)."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from buuchinh import access
from buuchinh.forms.office import GiveBackForm, HandoverForm, RemittanceForm
from buuchinh.lifecycle import Leg, State
from buuchinh.models import HandoverRecord, Parcel, RemittanceBatch
from buuchinh.services import codes, fees, handovers, remittances
from buuchinh.views.base import PostalPage, say
from config.formats import vnd
from danhmuc.models import Desk, User
from hoso.services.errors import Refused

RECENT = timedelta(minutes=15)


class DeskPage(PostalPage):
    """For officers serving a counter today; cashiers come for the money."""

    @staticmethod
    def allowed(user: User) -> bool:
        """Whether this person serves a desk or its till."""
        return bool(access.money_desks_of(user))

    def desks(self) -> list[Desk]:
        """The desks this person serves."""
        found = Desk.objects.filter(pk__in=access.money_desks_of(self.person))
        return list(found.select_related("agency", "serves__place"))


class Handover(DeskPage):
    """Who is at the counter, what passes between them and the desk, and the signing."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Carriers with business here; with ?buu_ta= the count with that one."""
        desk = self.desk()
        carrier = self.carrier(request.GET.get("buu_ta"))
        if carrier is None:
            return render(request, "buuchinh/handover.html", self.overview(desk))
        return self.show(desk, carrier, HandoverForm(business=handovers.at_desk(desk, carrier)))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Sign. All or nothing; what was ticked and typed stays."""
        desk = self.desk()
        carrier = self.carrier(request.POST.get("buu_ta"))
        if carrier is None:
            raise Http404
        form = HandoverForm(request.POST, business=handovers.at_desk(desk, carrier))
        if not form.is_valid():
            return self.show(desk, carrier, form, status=422)
        try:
            record = handovers.sign(desk, by=self.person, carrier=carrier, **form.facts())
        except Refused as refused:
            before = self.signed_before(desk, carrier, form.cleaned_data["code"])
            if before is not None:
                return redirect("buuchinh:record", before.pk)
            form.add_error(None, str(refused))
            fresh = handovers.at_desk(desk, carrier)
            same = {p.pk: p.last_seq for way in fresh.values() for p in way}
            if same != {p.pk: p.last_seq for way in form.business.values() for p in way}:
                messages.warning(request, str(refused))
                return redirect(f"{reverse('buuchinh:handover')}?buu_ta={carrier.pk}")
            return self.show(desk, carrier, form, status=422)
        say(request, f"Đã ký biên bản {record.number}.")
        return redirect("buuchinh:record", record.pk)

    def signed_before(self, desk: Desk, carrier: User, typed: str) -> HandoverRecord | None:
        """The record this very code has just signed: a double tap ends where the first one did."""
        recent = HandoverRecord.objects.filter(
            desk=desk, officer=self.person, carrier=carrier, signed_at__gte=timezone.now() - RECENT
        ).select_related("code")
        return next((r for r in recent if codes.digits(r.code) == "".join(typed.split())), None)

    def desk(self) -> Desk:
        """The desk whose counter this is; with several, the one asked for."""
        mine = self.desks()
        asked = self.request.GET.get("quay") or self.request.POST.get("quay")
        return next((d for d in mine if str(d.pk) == asked), mine[0])

    def carrier(self, asked: str | None) -> User | None:
        """The postman named in the address, among those of the post."""
        if not asked or not asked.isdigit():
            return None
        return User.objects.filter(pk=int(asked), kind=User.Kind.POST).first()

    def overview(self, desk: Desk) -> dict[str, Any]:
        """Carriers with papers or results between them and this desk, with counts."""
        live = (
            Parcel.objects.filter(dossier__desk=desk, carrier__isnull=False)
            .filter(
                state__in=(
                    State.ASSIGNED,
                    State.COLLECTED,
                    State.IN_TRANSIT,
                    State.AT_DESK,
                    State.REJECTED_AT_COUNT,
                    State.RETURNING,
                )
            )
            .values_list("carrier_id", "carrier__full_name", "unit__name", "leg", "state")
        )
        found: dict[int, dict[str, Any]] = {}
        for pk, name, unit, leg, state in live[:2000]:
            row = found.setdefault(
                pk, {"pk": pk, "name": name, "unit": unit, "bring": 0, "fetch": 0, "back": 0}
            )
            if leg == Leg.PICKUP and state != State.ASSIGNED:
                row["bring"] += 1
            elif leg == Leg.RETURN and state == State.ASSIGNED:
                row["fetch"] += 1
            elif state == State.RETURNING:
                row["back"] += 1
        rows = [r for r in found.values() if r["bring"] or r["fetch"] or r["back"]]
        batches = remittances.waiting_for(frozenset({desk.pk}))
        return {
            "desk": desk,
            "rows": sorted(rows, key=lambda r: str(r["name"])),
            "short": self.short(desk),
            "may_register": access.may_register(self.person),
            "batches": [
                {
                    "batch": b,
                    "form": RemittanceForm(
                        initial={"batch": b.pk, "counted": b.total}, auto_id=f"bk{b.pk}_%s"
                    ),
                }
                for b in batches
            ],
        }

    def short(self, desk: Desk) -> list[Parcel]:
        """Papers lying here because the count found something missing."""
        rows = Parcel.objects.for_list().filter(dossier__desk=desk, state=State.REJECTED_AT_COUNT)
        return list(rows.order_by("pk")[:100])

    def show(self, desk: Desk, carrier: User, form: HandoverForm, status: int = 200) -> HttpResponse:
        """The count with one carrier."""
        out = form.ticks("out")
        for row in out:
            dossier = row["parcel"].dossier
            row["owed"] = fees.due(dossier) + (row["parcel"].postage or 0)
        held = remittances.ready_for(carrier, desk.serves)
        context = {
            "desk": desk,
            "carrier": carrier,
            "form": form,
            "rows": form.rows(),
            "out": out,
            "back": form.ticks("back"),
            "money": sum(r.amount for r in held),
            "receipts": len(held),
            "can_sign": desk.pk in access.desks_of(self.person),
        }
        return render(self.request, "buuchinh/count.html", context, status=status)


class GiveBack(DeskPage):
    """Papers found short go back to the applicant."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What is to be said about it."""
        parcel = self.parcel(pk)
        return self.show(parcel, GiveBackForm(initial={"seen": parcel.last_seq}))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Give them back."""
        parcel = self.parcel(pk)
        form = GiveBackForm(request.POST)
        if not form.is_valid():
            return self.show(parcel, form, status=422)
        try:
            handovers.give_back(parcel.pk, by=self.person, **form.cleaned_data)
        except Refused as refused:
            say(request, str(refused), warn=True)
        else:
            say(request, "Đã ghi trả lại giấy tờ cho người gửi.")
        return redirect("buuchinh:handover")

    def parcel(self, pk: int) -> Parcel:
        """A parcel of this person's desks."""
        found = (
            Parcel.objects.for_list().filter(pk=pk, dossier__desk_id__in=access.desks_of(self.person)).first()
        )
        if found is None:
            raise Http404
        return found

    def show(self, parcel: Parcel, form: GiveBackForm, status: int = 200) -> HttpResponse:
        """The page."""
        context = {"parcel": parcel, "form": form}
        return render(self.request, "buuchinh/give_back.html", context, status=status)


class ConfirmMoney(DeskPage):
    """The desk counted a batch."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Reached only by a reload."""
        return redirect("buuchinh:handover")

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Confirm; a difference is explained."""
        form = RemittanceForm(request.POST)
        if not form.is_valid():
            problems = " ".join(str(e) for errors in form.errors.values() for e in errors)
            say(request, f"Chưa xác nhận được: {problems}", warn=True)
            return redirect("buuchinh:handover")
        data = form.cleaned_data
        try:
            batch = remittances.confirm(
                data["batch"], by=self.person, counted=data["counted"] or 0, explanation=data["explanation"]
            )
        except RemittanceBatch.DoesNotExist:
            raise Http404 from None
        except Refused as refused:
            say(request, str(refused), warn=True)
        else:
            say(request, f"Đã xác nhận bảng kê {batch.number}: {vnd(batch.counted or 0)}.")
        return redirect("buuchinh:handover")


class Records(DeskPage):
    """Signed records of the desk, newest first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of them."""
        rows = HandoverRecord.objects.filter(desk_id__in=access.money_desks_of(self.person))
        page = Paginator(rows.select_related("carrier", "officer").defer("facts"), 50).get_page(
            request.GET.get("page")
        )
        context = {"page_obj": page}
        return render(request, "buuchinh/records.html", context)
