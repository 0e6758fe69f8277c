"""The coordinator's list and assignments, late registration, and reception at a post counter."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from buuchinh import access
from buuchinh.forms.carrier import CarrierChoiceForm, ConfirmForm
from buuchinh.forms.office import EndForm, ReceiveForm, RegisterForm
from buuchinh.lifecycle import LIVE, State
from buuchinh.models import Parcel
from buuchinh.services import booking, delivery, parcels, pickup, reception, registration
from buuchinh.views.base import PostalPage, say
from danhmuc.models import Agency, User
from danhmuc.services import desks_on, resolvers_for
from hoso.services.errors import Refused

PAGE = 50


class UnitPage(PostalPage):
    """For the coordinator of a post unit."""

    @staticmethod
    def allowed(user: User) -> bool:
        """Whether this person coordinates today."""
        return access.is_coordinator(user)

    def units(self) -> list[int]:
        """Keys of the units below the coordinator's own."""
        found: set[int] = set()
        for path in access.unit_paths(self.person):
            found |= set(Agency.objects.filter(path__startswith=path).values_list("pk", flat=True))
        return sorted(found)

    def menu(self, current: str) -> list[dict[str, Any]]:
        """The side menu of the post's office."""
        items = [
            ("Điều phối", "buuchinh:coordination", "route"),
            ("Đăng ký muộn", "buuchinh:register", "edit"),
        ]
        return [
            {
                "label": "Bưu chính công ích",
                "items": [
                    {"label": t, "url": reverse(n), "icon": i, "current": n == current} for t, n, i in items
                ],
            }
        ]


class Coordination(UnitPage):
    """Parcels of the unit, those without a carrier first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """One page of the list, by state."""
        mine = Parcel.objects.visible_to(self.person)
        counts = dict(mine.live().values_list("state").annotate(n=Count("pk")).order_by())
        state = request.GET.get("tinh_trang", "")
        rows = mine.for_list().live().order_by("carrier_id", "registered_at", "pk")
        if state in counts:
            rows = mine.for_list().filter(state=state).order_by("registered_at", "pk")
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        context = {
            "page_obj": page,
            "counts": [
                {
                    "text": State(name).label,
                    "count": number,
                    "url": f"?tinh_trang={name}",
                    "level": "late" if name in {State.ATTEMPT_FAILED, State.REJECTED_AT_COUNT} else "info",
                    "current": name == state,
                }
                for name, number in sorted(counts.items(), key=lambda item: LIVE.index(item[0]))
            ],
            "menu": self.menu("buuchinh:coordination"),
            "unit": self._unit(),
        }
        return render(request, "buuchinh/coordination.html", context)

    def _unit(self) -> str:
        return next((p.agency.name for p in self.person.positions_on()), "")


class CoordinatedParcel(UnitPage):
    """One parcel in the coordinator's hands: name a carrier, agree a day, end it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """History and the three small forms."""
        return self.show(self.parcel(pk))

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """One of the three, by the button pressed."""
        parcel = self.parcel(pk)
        act = request.POST.get("viec", "")
        handlers = {"giao": self.assign, "hen": self.confirm, "dung": self.end}
        if act not in handlers:
            raise Http404
        form = self.forms(parcel, request)[act]
        if not form.is_valid():
            return self.show(parcel, {act: form}, status=422)
        try:
            text = handlers[act](parcel, form.cleaned_data)
        except Refused as refused:
            say(request, str(refused), warn=True)
        else:
            say(request, text)
        return redirect("buuchinh:coordinated", pk)

    def assign(self, parcel: Parcel, data: dict[str, Any]) -> str:
        """Name the carrier."""
        pickup.assign(parcel.pk, by=self.person, carrier=data["carrier"], seen=data["seen"])
        return f"Đã giao {data['carrier'].full_name}."

    def confirm(self, parcel: Parcel, data: dict[str, Any]) -> str:
        """Agree the day."""
        pickup.confirm(parcel.pk, by=self.person, **data)
        return f"Đã hẹn ngày {data['on']:%d/%m/%Y}; người gửi được nhắn tin."

    def end(self, parcel: Parcel, data: dict[str, Any]) -> str:
        """Give up, cancel, or report a mishap."""
        what, note, seen = data["what"], data["note"], data["seen"]
        if what == "abandon":
            pickup.abandon(parcel.pk, by=self.person, note=note, seen=seen)
        elif what == "cancel":
            parcels.advance(parcel.pk, "cancel", by=self.person, note=note, seen=seen)
        else:
            delivery.report_mishap(parcel.pk, by=self.person, lost=what == "lost", note=note, seen=seen)
        return "Đã ghi nhận."

    def forms(self, parcel: Parcel, request: HttpRequest | None = None) -> dict[str, Any]:
        """The forms, bound to the request or empty."""
        data = request.POST if request else None
        carriers = booking.carriers_of(self.units(), timezone.localdate())
        seen = {"seen": parcel.last_seq}
        return {
            "giao": CarrierChoiceForm(
                data,
                parcel=parcel,
                carriers=carriers,
                auto_id="giao_%s",
                initial={**seen, "carrier": parcel.carrier_id},
            ),
            "hen": ConfirmForm(
                data,
                parcel=parcel,
                auto_id="hen_%s",
                initial={**seen, "on": parcel.wished_on, "part": parcel.wished_part},
            ),
            "dung": EndForm(data, auto_id="dung_%s", initial=seen),
        }

    def parcel(self, pk: int) -> Parcel:
        """Of the coordinator's units; another's is a 404."""
        found = Parcel.objects.for_list().visible_to(self.person).filter(pk=pk).first()
        if found is None:
            raise Http404
        return found

    def show(self, parcel: Parcel, bound: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        """The page."""
        steps = dict(parcels.steps_for(parcel, self.person))
        events = parcel.events.select_related("actor").order_by("-seq")[:50]
        context = {
            "parcel": parcel,
            "forms": self.forms(parcel) | (bound or {}),
            "may_assign": bool({"assign", "reassign"} & set(steps)),
            "may_confirm": "confirm" in steps,
            "may_end": bool({"cancel", "abandon", "report_lost"} & set(steps)),
            "items": [
                {
                    "at": e.at,
                    "title": parcels.label_of(e.name),
                    "text": " · ".join(filter(None, [e.actor.full_name, e.note])),
                }
                for e in events
            ],
            "menu": self.menu("buuchinh:coordination"),
            "unit": parcel.unit.name,
        }
        return render(self.request, "buuchinh/coordinated.html", context, status=status)


class Register(PostalPage):
    """Late registration: the clerk learns "khớp" or "không khớp", nothing of the dossier (§11.2)."""

    @staticmethod
    def allowed(user: User) -> bool:
        """Hotline, any desk, any post office."""
        return access.may_register(user)

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form."""
        return self.show(RegisterForm())

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Match and register."""
        form = RegisterForm(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        try:
            registration.register(by=self.person, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(refused))
            return self.show(form, status=422)
        say(request, "Khớp. Đã đăng ký bưu điện phát kết quả; bưu tá sẽ liên hệ khi có kết quả.")
        return redirect("buuchinh:register")

    def show(self, form: RegisterForm, status: int = 200) -> HttpResponse:
        """The page."""
        back = reverse("buuchinh:home")
        return render(self.request, "buuchinh/register.html", {"form": form, "back_url": back}, status=status)


class Receive(PostalPage):
    """A person hands a dossier in at a post counter, or to a carrier, without having applied before."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form."""
        return self.show(ReceiveForm(desks=desks_on(timezone.localdate())))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """Open the draft; papers and fee come on the next page."""
        today = timezone.localdate()
        form = ReceiveForm(request.POST, desks=desks_on(today))
        if not form.is_valid():
            return self.show(form, status=422)
        data = dict(form.cleaned_data)
        version = data.pop("procedure")
        able = resolvers_for(version, today)
        agency = able.filter(pk=data["desk"].serves_id).first() or (
            able.first() if able.count() == 1 else None
        )
        if agency is None:
            form.add_error("desk", f"Bộ phận Một cửa này không nhận thủ tục “{version.name}”")
            return self.show(form, status=422)
        try:
            parcel = reception.receive(by=self.person, version=version, agency=agency, **data)
        except Refused as refused:
            form.add_error(None, str(refused))
            return self.show(form, status=422)
        return redirect("buuchinh:pickup", parcel.pk)

    def show(self, form: ReceiveForm, status: int = 200) -> HttpResponse:
        """The page."""
        context = {"form": form, "back_url": reverse("buuchinh:home"), "tabs": self.tabs("")}
        return render(self.request, "buuchinh/receive.html", context, status=status)
