"""The cashier's desk: refunds to pay, payments to look at, statements, the reconciliation of a day."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from hoso.forms.cashier import DayForm, PlaceForm, SetAsideForm, StatementForm
from hoso.models import BankLine, Payment, Receipt, Refund, ReliefClaim, Statement
from hoso.services import receipts, reconciliation, statements
from hoso.services.errors import Refused
from hoso.views.base import OfficerRequired
from hoso.views.reach import reach_of

_SALT = "sao-ke"
PAGE = 50
#: An attempt at a platform is worth a look when nobody reported on it for so long.
SLOW = timedelta(minutes=15)


class CashierPage(OfficerRequired):
    """For whoever pays refunds out today; what is shown belongs to the own desks."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Others are refused."""
        user: Any = request.user
        if not user.is_officer or not reach_of(user).may("pay_refund"):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def desks(self) -> frozenset[int]:
        """The desks one keeps the till of."""
        return reach_of(self.officer).desks


class Home(CashierPage):
    """What waits for the cashier, most pressing first."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The lists."""
        now = timezone.now()
        own = Q(dossier__desk_id__in=self.desks)
        refunds = Refund.objects.filter(own, status=Refund.Status.APPROVED).select_related(
            "dossier", "payment"
        )
        slow = Payment.objects.filter(own, status=Payment.Status.STARTED, started_at__lt=now - SLOW)
        remit = Receipt.objects.filter(own, remit_due_at__isnull=False, remitted_at=None).exclude(
            status=Receipt.Status.CANCELLED
        )
        claims = ReliefClaim.objects.filter(own, status=ReliefClaim.Status.CLAIMED)
        return render(
            request,
            "hoso/cashier.html",
            {
                "refunds": refunds.order_by("-way", "opened_at")[:PAGE],
                "undecided": Refund.objects.filter(own, status=Refund.Status.TO_DECIDE).count(),
                "lines": BankLine.objects.filter(status=BankLine.Status.UNMATCHED)[:PAGE],
                "slow": slow.filter(method=Payment.Method.ONLINE)
                .select_related("dossier")
                .order_by("started_at")[:PAGE],
                "remit": remit.select_related("dossier", "payment").order_by("remit_due_at")[:PAGE],
                "claims": claims.select_related("dossier", "relief").order_by("claimed_at")[:PAGE],
                "statements": Statement.objects.select_related("imported_by")[:5],
                "now": now,
                "today": timezone.localdate(),
            },
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """Receipts whose money has gone to the budget account."""
        chosen = [int(pk) for pk in request.POST.getlist("receipt") if pk.isdecimal()]
        done = receipts.remit(chosen, by=self.officer)
        if done:
            messages.success(request, f"Đã ghi chuyển {done} biên lai vào tài khoản ngân sách.")
        else:
            messages.warning(request, "Chọn biên lai đã chuyển tiền.")
        return redirect("hoso:cashier")


class ImportStatement(CashierPage):
    """A statement is previewed first; nothing is written before it is confirmed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The file box."""
        return self.show(StatementForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Preview a file, or take the lines previewed."""
        if token := request.POST.get("lines"):
            return self.confirm(token)
        form = StatementForm(request.POST, request.FILES)
        if form.is_valid():
            data = form.cleaned_data["file"].read()
            try:
                lines = statements.read(data)
            except Refused as error:
                form.add_error("file", str(error))
            else:
                return self.preview(form.cleaned_data["file"].name, statements.digest(data), lines)
        return self.show(form)

    def preview(self, name: str, sha256: str, lines: list[statements.Line]) -> HttpResponse:
        """Every line with what it would do."""
        judged = statements.judge(lines)
        body = [[ln.number, ln.ref, ln.at.isoformat(), ln.amount, ln.words] for ln in lines]
        token = signing.dumps([name, sha256, json.dumps(body)], salt=_SALT, compress=True)
        counts = {
            key: sum(j.verdict == key for j in judged)
            for key in ("matched", "wrong", "again", "unmatched", "known")
        }
        context = {"judged": judged, "token": token, "name": name, "counts": counts}
        return render(self.request, "hoso/statement_preview.html", context)

    def confirm(self, token: str) -> HttpResponse:
        """Import them; what was taken meanwhile is skipped."""
        try:
            name, sha256, body = signing.loads(token, salt=_SALT, max_age=24 * 3600)
        except signing.BadSignature:
            messages.warning(self.request, "Bản xem trước đã cũ. Chọn lại tệp sao kê.")
            return redirect("hoso:statement")
        lines = [
            statements.Line(number, ref, datetime.fromisoformat(at), amount, words)
            for number, ref, at, amount, words in json.loads(body)
        ]
        try:
            done = statements.save(name, sha256, lines, by=self.officer)
        except Refused as error:
            messages.warning(self.request, str(error))
            return redirect("hoso:cashier")
        rows = done.lines.values_list("status", flat=True)
        matched = sum(s == BankLine.Status.MATCHED for s in rows)
        messages.success(self.request, f"Đã nhập {len(rows)} dòng, {matched} dòng khớp giao dịch.")
        return redirect("hoso:cashier")

    def show(self, form: StatementForm) -> HttpResponse:
        """Draw the page."""
        return render(self.request, "hoso/statement.html", {"form": form})


class LinePage(CashierPage):
    """One line nobody could place: whose money it is, or what else it is."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The two answers."""
        return self.show(pk, PlaceForm(), SetAsideForm())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Place it or set it aside."""
        place = PlaceForm(request.POST if "place" in request.POST else None)
        aside = SetAsideForm(request.POST if "aside" in request.POST else None)
        form = place if place.is_bound else aside
        if form.is_valid():
            try:
                if form is place:
                    line = statements.place(pk, form.cleaned_data["code"], by=self.officer, desks=self.desks)
                else:
                    line = statements.set_aside(pk, form.cleaned_data["note"], by=self.officer)
            except Refused as error:
                form.add_error(None, str(error))
            else:
                words = (
                    "Đã ghi nhận tiền vào hồ sơ."
                    if line.status == BankLine.Status.MATCHED
                    else "Đã xử lý dòng sao kê."
                )
                if line.status == BankLine.Status.REFUND:
                    words = "Số tiền không khớp khoản phải nộp: đã mở khoản hoàn cho hồ sơ."
                messages.success(request, words)
                return redirect("hoso:cashier")
        return self.show(pk, place, aside)

    def show(self, pk: int, place: PlaceForm, aside: SetAsideForm) -> HttpResponse:
        """Draw the page."""
        line = get_object_or_404(BankLine.objects.select_related("payment__dossier"), pk=pk)
        if line.status != BankLine.Status.UNMATCHED:
            messages.info(self.request, "Dòng này đã được xử lý.")
            return redirect("hoso:cashier")
        form = aside if aside.errors else place
        return render(
            self.request, "hoso/bank_line.html", {"line": line, "place": place, "aside": aside, "form": form}
        )


class Reconciliation(CashierPage):
    """Receipts of a day against gateway and bank."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The day asked for, today by default."""
        form = (
            DayForm(request.GET)
            if any(k.startswith("day") for k in request.GET)
            else DayForm(initial={"day": timezone.localdate()})
        )
        day: date = form.cleaned_data["day"] if form.is_bound and form.is_valid() else timezone.localdate()
        if day > timezone.localdate() or day.year < 2018:
            raise Http404
        start, end = reconciliation.bounds(day)
        yesterday, tomorrow = day - timedelta(days=1), day + timedelta(days=1)
        address = reverse("hoso:reconciliation")
        context = {
            "form": form,
            "day": day,
            "figures": reconciliation.of(day, self.desks),
            "unplaced": reconciliation.unplaced(start, end),
            "before": f"{address}?day={yesterday.isoformat()}",
            "after": f"{address}?day={tomorrow.isoformat()}" if tomorrow <= timezone.localdate() else "",
        }
        return render(request, "hoso/reconciliation.html", context)
