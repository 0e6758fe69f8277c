"""The postman's round: today's stops in order, what to pass to each desk, and one parcel's story."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db.models import Case, Q, QuerySet, When
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from buuchinh import access
from buuchinh.lifecycle import WITH_CARRIER, Leg, State
from buuchinh.models import Parcel
from buuchinh.services import fees, parcels, remittances
from buuchinh.views.base import PostalPage, own_parcel
from config.formats import phone as shown_phone
from config.formats import vnd
from danhmuc.models import Desk, User
from danhmuc.text import fold
from hoso.services.law import Law

#: Far more than one person can visit in a day; what is drawn at once is a page of it.
ROUND_LIMIT = 500
PAGE_SIZE = 20


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """What is read of every parcel of a round, to put it in its place."""

    pk: int
    leg: str
    state: str
    wished_on: date | None
    contact: str
    address: str
    desk_id: int

    COLUMNS: ClassVar = ("pk", "leg", "state", "wished_on", "contact", "address", "dossier__desk_id")

    @property
    def is_door(self) -> bool:
        """Whether the next thing to do with it is at a citizen's door."""
        if self.leg == Leg.PICKUP:
            return self.state == State.ASSIGNED
        return self.state in WITH_CARRIER


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
    """Today's stops, the next one first and bigger (design 30).

    The whole round is counted, but only a page of it is read whole and drawn: a phone with a weak signal has to load it
    again after every stop.
    """

    later = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """The round of this day, or of the days after."""
        today = timezone.localdate()
        mine = route_rows(self.person)
        due = [p for p in mine if (p.wished_on is not None and p.wished_on > today) == self.later]
        doors = [p for p in due if p.is_door]
        done = self._done(today) if not self.later else Parcel.objects.none()
        done_count = done.count()
        places = {parcel.pk: number for number, parcel in enumerate(doors, start=done_count + 1)}
        kind, wanted = request.GET.get("loai", ""), fold(request.GET.get("q", "")[:100])
        chosen = [p for p in doors if not kind or p.leg == kind]
        if wanted:
            chosen = [p for p in chosen if wanted in fold(f"{p.contact} {p.address}")]
        page = Paginator(chosen, PAGE_SIZE).get_page(request.GET.get("trang"))
        begins = page.number == 1 and not wanted  # where the next stop, and the desks, belong
        shown = self._stops([p.pk for p in page], places, next_first=begins)
        whole = done_count + len(doors)
        context = {
            "later": self.later,
            "day": today + timedelta(days=1) if self.later else today,
            "tabs": self.tabs("tomorrow" if self.later else "today"),
            "next_stop": [one for one in shown if one["state"] == "next"],
            "stops": [one for one in shown if one["state"] == "open"],
            "page": page,
            "wanted": request.GET.get("q", "")[:100].strip(),
            "kind": kind,
            "searchable": len(doors) > PAGE_SIZE,
            "done": [done_stop(p) for p in done[:PAGE_SIZE]],
            "done_count": done_count,
            "desks": desk_stops(mine) if begins and not self.later else [],
            "seg": self._seg(doors, kind),
            "progress": f"Đã xong {done_count} trên {whole} điểm",
            "percent": 100 * done_count // whole if whole else 0,
            "holding": sum(remittances.held(self.person).values_list("amount", flat=True)),
        }
        return render(request, "buuchinh/round.html", context)

    def _stops(self, pks: list[int], places: dict[int, int], *, next_first: bool) -> list[dict[str, Any]]:
        """The stops of one page with what is to be collected there, in the order of the round."""
        parcels_here = (
            Parcel.objects.select_related("fee_receipt", "dossier__version", "dossier__applicant")
            .defer("dossier__answers", "dossier__search", "dossier__version__eform")
            .prefetch_related("dossier__charges")
            .in_bulk(pks)
        )
        remit, law = fees.remit_price(1), Law()
        return [
            stop(parcels_here[pk], places[pk], "next" if next_first and pk == pks[0] else "open", remit, law)
            for pk in pks
        ]

    def _seg(self, doors: list[OnTheWay], kind: str) -> list[dict[str, Any]]:
        count = {leg: sum(p.leg == leg for p in doors) for leg in Leg.values}
        return [
            {"text": "Tất cả", "url": "?", "count": len(doors), "current": not kind},
            {"text": "Nhận", "url": "?loai=pickup", "count": count["pickup"], "current": kind == "pickup"},
            {"text": "Phát", "url": "?loai=return", "count": count["return"], "current": kind == "return"},
        ]

    def _done(self, today: date) -> QuerySet[Parcel]:
        """What is behind, the latest first."""
        start = timezone.make_aware(datetime.combine(today, time.min))
        taken = Q(leg=Leg.PICKUP, collected_at__gte=start)
        given = Q(leg=Leg.RETURN, state=State.DELIVERED, finished_at__gte=start)
        mine = Parcel.objects.select_related("fee_receipt").filter(taken | given, carrier=self.person)
        at = Case(When(leg=Leg.PICKUP, then="collected_at"), default="finished_at")
        return mine.order_by(at.desc(), "-pk")


def route_rows(carrier: User) -> list[OnTheWay]:
    """Everything a carrier still has to do something about, in the order of the round."""
    found = Parcel.objects.on_route_of(carrier)
    found = found.order_by("wished_on", "wished_part", "registered_at", "pk")
    return [OnTheWay(*row) for row in found.values_list(*OnTheWay.COLUMNS)[:ROUND_LIMIT]]


def stop(parcel: Parcel, number: int, state: str, remit: int, law: Law) -> dict[str, Any]:
    """One stop, as the component takes it; `remit` is the price in đồng of handing fees over."""
    name = "pickup" if parcel.is_pickup else "deliver"
    owed = fees.due(parcel.dossier, taken=hasattr(parcel, "fee_receipt"), law=law)
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


def done_stop(parcel: Parcel) -> dict[str, Any]:
    """A stop that is behind."""
    at = timezone.localtime(parcel.collected_at if parcel.is_pickup else parcel.finished_at)
    receipt = getattr(parcel, "fee_receipt", None)
    money = parcel.postage_taken + (receipt.amount if receipt else 0)
    did = f"Nhận {len(parcel.papers)} giấy tờ" if parcel.is_pickup else "Đã phát"
    return {
        "name": parcel.contact,
        "address": f"{did}{f', thu {vnd(money)}' if money else ''} lúc {at:%H:%M}",
        "note": "",
        "text": "",
        "tags": [],
        "state": "done",
        "url": reverse("buuchinh:parcel", args=[parcel.pk]),
    }


def desk_stops(mine: list[OnTheWay]) -> list[dict[str, Any]]:
    """What to bring to and fetch from each desk, one stop a desk."""
    groups: dict[int, list[OnTheWay]] = defaultdict(list)
    for parcel in mine:
        if not parcel.is_door:
            groups[parcel.desk_id].append(parcel)
    desks = Desk.objects.select_related("agency").in_bulk(groups)
    found = []
    for number, (desk_id, group) in enumerate(groups.items(), start=1):
        bring = sum(p.leg == Leg.PICKUP for p in group)
        fetch = sum(p.state == State.ASSIGNED for p in group)
        back = sum(p.state == State.RETURNING for p in group)
        parts = [f"giao {bring} hồ sơ"] * bool(bring) + [f"nhận {fetch} kết quả"] * bool(fetch)
        parts += [f"chuyển hoàn {back} kết quả"] * bool(back)
        desk = desks[desk_id].agency
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
