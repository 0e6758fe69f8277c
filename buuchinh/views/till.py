"""What the postman brings back: the code that signs a handover, and the money of the agencies (design 33)."""

from datetime import datetime, time, timedelta

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone

from buuchinh.forms.carrier import HandInForm
from buuchinh.models import Parcel
from buuchinh.services import codes, remittances
from buuchinh.views.base import PostalPage, say
from buuchinh.views.rounds import desk_stops, route_rows
from config.formats import vnd
from danhmuc.models import Agency
from hoso.services.errors import Refused


class Code(PostalPage):
    """The carrier's signature for a handover: six digits, shown here alone."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The digits while they are good."""
        code = codes.current(self.person)
        context = {
            "tabs": self.tabs("code"),
            "digits": codes.digits(code) if code else "",
            "until": code.expires_at if code else None,
            "desks": desk_stops(route_rows(self.person)),
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
