"""At a citizen's door: taking papers and fees, giving results, and what went wrong."""

from abc import abstractmethod
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from buuchinh.forms.carrier import ConfirmForm, DeliverForm, MissForm, ParcelForm, PickupForm
from buuchinh.lifecycle import WITH_CARRIER, Leg, State
from buuchinh.models import Parcel
from buuchinh.services import delivery, fees, parcels, pickup
from buuchinh.views.base import PostalPage, own_parcel, say
from config.formats import vnd
from hoso.services.errors import Refused, StepRefused


class DoorPage(PostalPage):
    """A form at a citizen's door. A double tap ends where the first one did; an old page says who was faster."""

    leg: Leg
    states: tuple[State, ...]
    step: str
    template: str

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The form, or the parcel's page when there is nothing to do here any more."""
        parcel = self.parcel(pk)
        if parcel.state not in self.states:
            return redirect("buuchinh:parcel", pk)
        return self.show(parcel, self.form(parcel))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Judge, act, and go on with the round."""
        parcel = self.parcel(pk)
        form = self.form(parcel, request.POST)
        if not form.is_valid():
            return self.show(parcel, form, status=422)
        try:
            text = self.act(parcel, form)
        except StepRefused as refused:
            if any(
                parcels.was_done_by(parcel, step, self.person, form.cleaned_data.get("seen"))
                for step in self.done_by(form)
            ):
                return redirect("buuchinh:parcel", pk)
            form.add_error(None, str(refused))
            fresh = self.parcel(pk)
            if fresh.state not in self.states:
                say(request, str(refused), warn=True)
                return redirect("buuchinh:parcel", pk)
            return self.show(fresh, form, status=409)
        except Refused as refused:
            form.add_error(None, str(refused))
            return self.show(self.parcel(pk), form, status=422)
        say(request, text)
        return redirect("buuchinh:home")

    def parcel(self, pk: int) -> Parcel:
        """The carrier's own parcel of this leg."""
        parcel = own_parcel(self.person, pk)
        if parcel.leg != self.leg:
            raise Http404
        return parcel

    @abstractmethod
    def form(self, parcel: Parcel, *data: Any) -> ParcelForm:
        """The form of this page."""

    @abstractmethod
    def act(self, parcel: Parcel, form: ParcelForm) -> str:
        """Call the service; the words for the next page."""

    def done_by(self, form: ParcelForm) -> tuple[str, ...]:
        """The steps this form takes."""
        return (self.step,)

    def show(self, parcel: Parcel, form: ParcelForm, status: int = 200) -> HttpResponse:
        """Draw the page."""
        context = {
            "parcel": parcel,
            "form": form,
            "back_url": reverse("buuchinh:home"),
            **self.extra(parcel, form),
        }
        return render(self.request, self.template, context, status=status)

    def extra(self, parcel: Parcel, form: ParcelForm) -> dict[str, Any]:
        """More for the template."""
        return {}


class Pickup(DoorPage):
    """Take papers and fee at the door (design 31)."""

    leg, states, step, template = Leg.PICKUP, (State.ASSIGNED,), "collect", "buuchinh/pickup.html"

    def form(self, parcel: Parcel, *data: Any) -> PickupForm:
        """With what is owed at this moment."""
        fee = fees.due(parcel.dossier)
        return PickupForm(
            *data, parcel=parcel, fee=fee, postage=parcel.postage or 0, remit=fees.remit_price(fee)
        )

    def act(self, parcel: Parcel, form: ParcelForm) -> str:
        """Collect."""
        assert isinstance(form, PickupForm)
        done = pickup.collect(parcel.pk, by=self.person, **form.facts())
        return (
            f"Đã nhận {len(done.papers)} giấy tờ của {done.contact}. Số hiệu bưu gửi {done.tracking_number}."
        )

    def extra(self, parcel: Parcel, form: ParcelForm) -> dict[str, Any]:
        """Ticks, money and the other way out."""
        assert isinstance(form, PickupForm)
        rows = [{"label": "Phí, lệ phí (thu hộ)", "amount": form.fee, "note": ""}] if form.fee else []
        if form.postage:
            rows.append({"label": "Cước nhận hồ sơ", "amount": form.postage, "note": ""})
        if form.fee and form.remit:
            rows.append({"label": "Cước chuyển nộp lệ phí", "amount": form.remit, "note": ""})
        ticked = form.ticked
        return {
            "ticks": [
                {
                    "id": f"giay-to-{n}",
                    "value": str(n),
                    "text": p["name"],
                    "hint": paper_hint(p),
                    "checked": str(n) in ticked,
                }
                for n, p in enumerate(parcel.papers)
            ],
            "money_rows": rows,
            "money_total": {"label": "Phải thu", "amount": form.total, "note": ""},
            "no_tariff": parcel.postage is None,
            "unsettled": not parcel.dossier.accepted_at and not form.fee,
            "miss_form": MissForm(parcel=parcel, auto_id="chua_%s"),
            "confirm_form": ConfirmForm(
                parcel=parcel,
                auto_id="hen_%s",
                initial={"on": parcel.wished_on, "part": parcel.wished_part},
            ),
        }


def paper_hint(paper: dict[str, Any]) -> str:
    """How many of a paper are wanted."""
    parts = [f"{paper['original']} bản chính"] * bool(paper["original"])
    parts += [f"{paper['copy']} bản sao"] * bool(paper["copy"])
    return ", ".join(parts)


class Miss(PostalPage):
    """Came and left without papers."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Reached only by a reload: back to the form."""
        return redirect("buuchinh:pickup", pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Note it and agree another day."""
        parcel = own_parcel(self.person, pk)
        form = MissForm(request.POST, parcel=parcel, auto_id="chua_%s")
        if form.is_valid():
            try:
                pickup.miss(parcel.pk, by=self.person, **form.facts())
            except StepRefused as refused:
                if not parcels.was_done_by(parcel, "miss", self.person, form.cleaned_data.get("seen")):
                    say(request, str(refused), warn=True)
                return redirect("buuchinh:home")
            except Refused as refused:
                form.add_error("again_on", str(refused))
            else:
                say(request, f"Đã ghi chưa nhận được hồ sơ của {parcel.contact}; người nộp được nhắn tin.")
                return redirect("buuchinh:home")
        return again(request, parcel, miss_form=form)


class Schedule(PostalPage):
    """The day agreed on the telephone before setting out."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Reached only by a reload: back to the form."""
        return redirect("buuchinh:pickup", pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Note the day."""
        parcel = own_parcel(self.person, pk)
        form = ConfirmForm(request.POST, parcel=parcel, auto_id="hen_%s")
        if form.is_valid():
            try:
                pickup.confirm(parcel.pk, by=self.person, **form.cleaned_data)
            except StepRefused as refused:
                if not parcels.was_done_by(parcel, "confirm", self.person, form.cleaned_data.get("seen")):
                    say(request, str(refused), warn=True)
                return redirect("buuchinh:home")
            except Refused as refused:
                form.add_error("on", str(refused))
            else:
                say(request, f"Đã hẹn {parcel.contact} ngày {form.cleaned_data['on']:%d/%m/%Y}.")
                return redirect("buuchinh:home")
        return again(request, parcel, confirm_form=form)


def again(request: HttpRequest, parcel: Parcel, **changed: ParcelForm) -> HttpResponse:
    """The pickup page again, with the small form that was wrong open."""
    page = Pickup()
    page.setup(request, pk=parcel.pk)
    form = page.form(parcel)
    context = {"parcel": parcel, "form": form, "back_url": reverse("buuchinh:home")}
    context |= page.extra(parcel, form) | changed | {f"{name}_open": True for name in changed}
    return render(request, "buuchinh/pickup.html", context, status=422)


class Deliver(DoorPage):
    """Give the result, or say why not (designs 32, 32b)."""

    leg, states, step, template = Leg.RETURN, WITH_CARRIER, "deliver", "buuchinh/deliver.html"

    def form(self, parcel: Parcel, *data: Any) -> DeliverForm:
        """With what is owed at this moment."""
        dossier = parcel.dossier
        recover = dossier.version.paper_check_mode == "at_delivery" and not dossier.paper_check_settled
        return DeliverForm(
            *data, parcel=parcel, fee=fees.due(dossier), postage=parcel.postage or 0, recover=recover
        )

    def act(self, parcel: Parcel, form: ParcelForm) -> str:
        """Deliver or note the failed attempt."""
        assert isinstance(form, DeliverForm)
        if form.is_delivery:
            delivery.deliver(parcel.pk, by=self.person, **form.delivery())
            return f"Đã phát kết quả cho {parcel.contact}. Hồ sơ đã hoàn thành."
        done = delivery.fail(parcel.pk, by=self.person, **form.failure())
        return f"Đã ghi chưa phát được cho {done.contact}. Người nhận được nhắn tin và mời nhận."

    def done_by(self, form: ParcelForm) -> tuple[str, ...]:
        """Either way out."""
        assert isinstance(form, DeliverForm)
        return ("deliver",) if form.is_delivery else ("fail",)

    def extra(self, parcel: Parcel, form: ParcelForm) -> dict[str, Any]:
        """The attempt before, the money, the way back."""
        assert isinstance(form, DeliverForm)
        last = parcel.events.filter(name="fail").order_by("-seq").first()
        before = ""
        if last is not None:
            at = timezone.localtime(last.at)
            before = f"Lần {parcel.attempts} lúc {at:%H:%M} ngày {at:%d/%m}: {Parcel.Fault(last.data['reason']).label.lower()}."
        today = timezone.localdate()
        parts = [f"phí {vnd(form.fee)}"] * bool(form.fee) + [f"cước {vnd(form.postage)}"] * bool(form.postage)
        return {
            "attempt": parcel.attempts + 1,
            "before": before,
            "money_text": f"Đã thu {vnd(form.fee + form.postage)}",
            "money_hint": "Gồm " + " và ".join(parts) + ", tiền mặt" if parts else "",
            "may_return": parcel.state == State.ATTEMPT_FAILED
            and parcel.return_from is not None
            and parcel.return_from <= today,
            "return_from": parcel.return_from if parcel.state == State.ATTEMPT_FAILED else None,
        }


class StartReturn(PostalPage):
    """Back to the agency."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Reached only by a reload: back to the form."""
        return redirect("buuchinh:deliver", pk)

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Start the way back."""
        parcel = own_parcel(self.person, pk)
        form = ParcelForm(request.POST, parcel=parcel)
        seen = form.cleaned_data["seen"] if form.is_valid() else -1
        try:
            delivery.start_return(parcel.pk, by=self.person, seen=seen)
        except Refused as refused:
            if not parcels.was_done_by(parcel, "start_return", self.person, seen):
                say(request, str(refused), warn=True)
                return redirect("buuchinh:deliver", pk)
        else:
            say(request, f"Đã chuyển hoàn. Mang kết quả về {parcel.dossier.desk.agency.name}.")
        return redirect("buuchinh:home")
