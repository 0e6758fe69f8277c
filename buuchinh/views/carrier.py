"""The postman's phone: the round, taking papers at the door, giving results, money and the handover code."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from buuchinh import access
from buuchinh.forms.carrier import DeliverForm, HandInForm, MissForm, ParcelForm, PickupForm
from buuchinh.lifecycle import WITH_CARRIER, Leg, State
from buuchinh.models import Parcel
from buuchinh.services import codes, delivery, fees, parcels, pickup, remittances
from buuchinh.views.base import PostalPage, own_parcel, say
from config.formats import phone as shown_phone
from config.formats import vnd
from danhmuc.models import Agency, User
from hoso.services.errors import Refused, StepRefused

ROUND_LIMIT = 200


class Home(PostalPage):
    """Where everybody of the post, and a desk's officer, lands."""

    @staticmethod
    def allowed(user: User) -> bool:
        """Anybody with business in this module."""
        return access.may_register(user)

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The carrier's round; others go on to their own page."""
        if access.is_carrier(self.person):
            return Round.as_view()(request)
        if access.is_coordinator(self.person):
            return redirect("buuchinh:coordination")
        if access.desks_of(self.person):
            return redirect("buuchinh:handover")
        return redirect("buuchinh:register")


class Round(PostalPage):
    """Today's stops, the next one first and bigger (design 30)."""

    later = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """The round of this day, or of the days after."""
        today = timezone.localdate()
        mine = list(
            Parcel.objects.for_list()
            .on_route_of(self.person)
            .select_related("fee_receipt", "dossier__desk__agency")
            .prefetch_related("dossier__charges")
            .order_by("wished_on", "wished_part", "registered_at", "pk")[:ROUND_LIMIT]
        )
        due = [p for p in mine if (p.wished_on is not None and p.wished_on > today) == self.later]
        doors = [p for p in due if is_door(p)]
        kind = request.GET.get("loai", "")
        shown = [p for p in doors if not kind or p.leg == kind]
        done = self._done(today) if not self.later else []
        whole = len(done) + len(doors)
        remit = fees.remit_price(1)
        context = {
            "later": self.later,
            "day": today + timedelta(days=1) if self.later else today,
            "tabs": self.tabs("tomorrow" if self.later else "today"),
            "next_stop": [stop(p, n, "next", remit) for n, p in enumerate(shown[:1], start=len(done) + 1)],
            "stops": [stop(p, n, "open", remit) for n, p in enumerate(shown[1:], start=len(done) + 2)],
            "done": [done_stop(p, n) for n, p in enumerate(done, start=1)],
            "desks": [] if self.later else desk_stops(mine),
            "seg": self._seg(doors, kind),
            "progress": f"Đã xong {len(done)} trên {whole} điểm",
            "percent": 100 * len(done) // whole if whole else 0,
            "holding": sum(remittances.held(self.person).values_list("amount", flat=True)),
        }
        return render(request, "buuchinh/round.html", context)

    def _seg(self, doors: list[Parcel], kind: str) -> list[dict[str, Any]]:
        count = {leg: sum(p.leg == leg for p in doors) for leg in Leg.values}
        return [
            {"text": "Tất cả", "url": "?", "count": len(doors), "current": not kind},
            {"text": "Nhận", "url": "?loai=pickup", "count": count["pickup"], "current": kind == "pickup"},
            {"text": "Phát", "url": "?loai=return", "count": count["return"], "current": kind == "return"},
        ]

    def _done(self, today: date) -> list[Parcel]:
        start = timezone.make_aware(datetime.combine(today, time.min))
        mine = Parcel.objects.for_list().select_related("fee_receipt").filter(carrier=self.person)
        taken = mine.filter(leg=Leg.PICKUP, collected_at__gte=start)
        given = mine.filter(leg=Leg.RETURN, state=State.DELIVERED, finished_at__gte=start)
        found = [*taken[:ROUND_LIMIT], *given[:ROUND_LIMIT]]
        return sorted(found, key=lambda p: (p.collected_at if p.is_pickup else p.finished_at) or start)


def is_door(parcel: Parcel) -> bool:
    """Whether the next thing to do is at a citizen's door."""
    if parcel.is_pickup:
        return parcel.state == State.ASSIGNED
    return parcel.state in WITH_CARRIER


def stop(parcel: Parcel, number: int, state: str, remit: int) -> dict[str, Any]:
    """One stop, as the component takes it; `remit` is the price in đồng of handing fees over."""
    name = "pickup" if parcel.is_pickup else "deliver"
    owed = fees.due(parcel.dossier, taken=hasattr(parcel, "fee_receipt"))
    total = owed + (parcel.postage or 0) + (remit if parcel.is_pickup and owed else 0)
    tags = [
        {"text": "Nhận hồ sơ", "level": "info", "icon": "up"}
        if parcel.is_pickup
        else {"text": "Phát kết quả", "level": "ok", "icon": "down"}
    ]
    if parcel.attempts:
        again = (
            f"Phát lại lần {parcel.attempts + 1}"
            if not parcel.is_pickup
            else f"Đến lần {parcel.attempts + 1}"
        )
        tags.append({"text": again, "level": "late", "icon": ""})
    elif parcel.due_on and not parcel.is_pickup:
        tags.append({"text": f"Chậm nhất {parcel.due_on:%d/%m}", "level": "soon", "icon": "clock"})
    else:
        tags.append({"text": parcel.get_wished_part_display() or "Cả ngày", "level": "off", "icon": ""})
    many = f"{len(parcel.papers)} giấy tờ" if parcel.is_pickup else parcel.papers[0]["name"]
    return {
        "number": number,
        "name": parcel.contact,
        "address": parcel.address,
        "note": "",
        "text": f"{many} · " + (f"Thu {vnd(total)}" if total else "Không phải thu tiền"),
        "tags": tags,
        "state": state,
        "url": reverse(f"buuchinh:{name}", args=[parcel.pk]),
        "action": "Nhận hồ sơ" if parcel.is_pickup else "Phát kết quả",
        "phone": parcel.phone,
        "map": "",
    }


def done_stop(parcel: Parcel, number: int) -> dict[str, Any]:
    """A stop that is behind."""
    at = timezone.localtime(parcel.collected_at if parcel.is_pickup else parcel.finished_at)
    receipt = getattr(parcel, "fee_receipt", None)
    money = parcel.postage_taken + (receipt.amount if receipt else 0)
    did = f"Nhận {len(parcel.papers)} giấy tờ" if parcel.is_pickup else "Đã phát"
    return {
        "number": number,
        "name": parcel.contact,
        "address": f"{did}{f', thu {vnd(money)}' if money else ''} lúc {at:%H:%M}",
        "note": "",
        "text": "",
        "tags": [],
        "state": "done",
        "url": reverse("buuchinh:parcel", args=[parcel.pk]),
    }


def desk_stops(mine: list[Parcel]) -> list[dict[str, Any]]:
    """What to bring to and fetch from each desk, one stop a desk."""
    groups: dict[int, list[Parcel]] = defaultdict(list)
    for parcel in mine:
        if not is_door(parcel):
            groups[parcel.dossier.desk_id].append(parcel)
    found = []
    for number, group in enumerate(groups.values(), start=1):
        bring = sum(p.is_pickup for p in group)
        fetch = sum(p.state == State.ASSIGNED for p in group)
        back = sum(p.state == State.RETURNING for p in group)
        parts = [f"giao {bring} hồ sơ"] * bool(bring) + [f"nhận {fetch} kết quả"] * bool(fetch)
        parts += [f"chuyển hoàn {back} kết quả"] * bool(back)
        desk = group[0].dossier.desk.agency
        found.append(
            {
                "number": number,
                "name": desk.name,
                "address": desk.address or "Bộ phận Một cửa",
                "note": "",
                "text": ", ".join(parts).capitalize(),
                "tags": [{"text": "Bàn giao", "level": "soon", "icon": "truck"}],
                "state": "open",
                "url": reverse("buuchinh:code"),
            }
        )
    return found


class ParcelPage(PostalPage):
    """One parcel of the carrier's own: where it is, and its papers."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Read-only."""
        parcel = own_parcel(self.person, pk)
        events = parcel.events.select_related("actor").order_by("-seq")[:50]
        items = [
            {
                "at": e.at,
                "title": parcels.label_of(e.name),
                "text": " · ".join(filter(None, [e.actor.full_name, e.note])),
            }
            for e in events
        ]
        note = getattr(parcel, "note", None)
        context = {
            "parcel": parcel,
            "items": items,
            "note": note,
            "receipt": getattr(parcel, "fee_receipt", None),
            "back_url": reverse("buuchinh:home"),
            "tabs": self.tabs("today"),
            "rows": [
                {"label": "Chiều", "value": parcel.get_leg_display()},
                {"label": "Tình trạng", "value": parcel.get_state_display()},
                {"label": "Số hiệu", "value": parcel.tracking_number or "chưa cấp"},
                {"label": "Địa chỉ", "value": parcel.address},
                {"label": "Điện thoại", "value": shown_phone(parcel.phone)},
                {"label": "Giấy tờ", "lines": [p["name"] for p in parcel.papers], "value": ""},
            ],
        }
        return render(request, "buuchinh/parcel.html", context)


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

    def form(self, parcel: Parcel, *data: Any) -> ParcelForm:
        """The form of this page."""
        raise NotImplementedError

    def act(self, parcel: Parcel, form: ParcelForm) -> str:
        """Call the service; the words for the next page."""
        raise NotImplementedError

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
        page = Pickup()
        page.setup(request, pk=pk)
        context = {"parcel": parcel, "form": page.form(parcel), "back_url": reverse("buuchinh:home")}
        context |= page.extra(parcel, page.form(parcel)) | {"miss_form": form, "miss_open": True}
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


class Code(PostalPage):
    """The carrier's signature for a handover: six digits, shown here alone."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The digits while they are good."""
        code = codes.current(self.person)
        waiting = Parcel.objects.for_list().on_route_of(self.person)[:ROUND_LIMIT]
        context = {
            "tabs": self.tabs("code"),
            "digits": codes.digits(code) if code else "",
            "until": code.expires_at if code else None,
            "desks": desk_stops(list(waiting)),
        }
        return render(request, "buuchinh/code.html", context)

    def post(self, request: HttpRequest) -> HttpResponseRedirect:
        """Make a new one."""
        codes.make(self.person)
        return redirect("buuchinh:code")


class Money(PostalPage):
    """What the carrier holds for each agency, and handing it in (design 33)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Receipts not yet handed over, batches waiting for the agency, and the day's sums."""
        today = timezone.localdate()
        start = timezone.make_aware(datetime.combine(today, time.min))
        groups = remittances.held_by_agency(self.person)
        context = {
            "tabs": self.tabs("money"),
            "groups": groups,
            "total": sum(g.total for g in groups),
            "batches": remittances.batches_of(self.person),
            "sums": remittances.totals(self.person, start, start + timedelta(days=1)),
            "postage": sum(
                Parcel.objects.filter(carrier=self.person, collected_at__gte=start).values_list(
                    "postage_taken", flat=True
                )
            ),
        }
        return render(request, "buuchinh/money.html", context)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Hand in the money of one agency."""
        form = HandInForm(request.POST)
        agency = Agency.objects.filter(pk=form.cleaned_data["agency"]).first() if form.is_valid() else None
        if agency is None:
            raise Http404
        try:
            batch = remittances.hand_over(self.person, agency)
        except Refused as refused:
            say(request, str(refused), warn=True)
        else:
            say(
                request,
                f"Đã lập bảng kê {batch.number}, {vnd(batch.total)}. Chờ {agency.name} đếm và xác nhận.",
            )
        return redirect("buuchinh:money")
