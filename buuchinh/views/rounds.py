"""The postman's round: today's stops in order, what to pass to each desk, and one parcel's story."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

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
from danhmuc.models import User
from hoso.services.law import Law

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
            .select_related("fee_receipt", "dossier__desk__agency", "dossier__applicant")
            .prefetch_related("dossier__charges")
            .order_by("wished_on", "wished_part", "registered_at", "pk")[:ROUND_LIMIT]
        )
        due = [p for p in mine if (p.wished_on is not None and p.wished_on > today) == self.later]
        doors = [p for p in due if is_door(p)]
        kind = request.GET.get("loai", "")
        shown = [p for p in doors if not kind or p.leg == kind]
        done = self._done(today) if not self.later else []
        whole = len(done) + len(doors)
        remit, law = fees.remit_price(1), Law()
        context = {
            "later": self.later,
            "day": today + timedelta(days=1) if self.later else today,
            "tabs": self.tabs("tomorrow" if self.later else "today"),
            "next_stop": [
                stop(p, n, "next", remit, law) for n, p in enumerate(shown[:1], start=len(done) + 1)
            ],
            "stops": [stop(p, n, "open", remit, law) for n, p in enumerate(shown[1:], start=len(done) + 2)],
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
