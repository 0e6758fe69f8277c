"""Paying from home: what is owed and why, one attempt to pay, paying less, money given back; and the bank's call-back."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView, View

from danhmuc.models import User
from hoso.models import Charge, Dossier, Payment, Refund, State
from hoso.services import payments, printing
from hoso.services.dossiers import advance
from hoso.services.errors import Refused, StepRefused
from portal.forms.payments import PayForm, RefundAccountForm, ReliefForm
from portal.services import paying
from portal.views.base import STILL_HERE, KeepingMixin, own_dossier, was_taken_since

Status = Payment.Status
#: Stands for the reference of an attempt while its return address is built.
_PLACE = "TT000000000000"


class MoneyPage(KeepingMixin, TemplateView):
    """A money page of one's own dossier."""

    dossier: Dossier

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Fetch the dossier before any method runs."""
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.dossier = own_dossier(request, kwargs["ref"])
            if self.dossier.state == State.DRAFT:
                raise Http404

    @property
    def payer(self) -> User:
        """The one who pays; `dispatch` has made sure of a signed-in user."""
        assert isinstance(self.request.user, User)
        return self.request.user

    @cached_property
    def charges(self) -> list[Charge]:
        """What is or was owed, read once a request."""
        return list(self.dossier.charges.select_related("relief").order_by("seq"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The dossier."""
        return {"dossier": self.dossier, "version": self.dossier.version, **kwargs}

    def back(self) -> HttpResponse:
        """To the list of what is owed."""
        return redirect("portal:payment", ref=self.dossier.submission_ref)


class Owed(MoneyPage):
    """What is owed, for what and why; and the choice of a way to pay."""

    template_name = "portal/payment.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page."""
        return self.show(PayForm(self.due, payments.ways()))

    @property
    def due(self) -> list[Charge]:
        """Charges still to be paid."""
        return [c for c in self.charges if c.status == Charge.Status.DUE]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Begin, and go where the money is paid."""
        form = PayForm(self.due, payments.ways(), request.POST)
        if form.is_valid():
            address = reverse(
                "portal:payment_attempt", kwargs={"ref": self.dossier.submission_ref, "reference": _PLACE}
            )
            try:
                begun = payments.start(
                    self.dossier.pk,
                    form.cleaned_data["charges"],
                    way=form.cleaned_data["way"],
                    by=self.payer,
                    return_url=request.build_absolute_uri(address).replace(_PLACE, "{reference}"),
                    ip=request.META.get("REMOTE_ADDR") or "127.0.0.1",
                )
            except Refused as error:
                form.add_error(None, error.told)
            else:
                return HttpResponseRedirect(begun.url or paying.attempt_address(self.dossier, begun.payment))
        return self.show(form)

    def show(self, form: PayForm) -> HttpResponse:
        """Draw the page."""
        charges = self.charges
        waits = self.dossier.state == State.SUBMITTED and any(
            c.status == Charge.Status.DUE and c.stage == "before_intake" for c in charges
        )
        claims = list(self.dossier.relief_claims.select_related("relief").order_by("-seq"))
        return self.render_to_response(
            self.get_context_data(
                form=form,
                may_pay=paying.may_pay(self.dossier, charges) and bool(payments.ways()),
                groups=paying.groups(charges, but="before_intake" if waits else ""),
                total=sum(c.amount for c in charges if c.status == Charge.Status.DUE),
                settled=paying.settled(charges),
                to_come=paying.to_come(self.dossier, charges),
                waits_for_money=waits,
                waiting=paying.waiting(self.dossier, charges),
                receipts=paying.receipts_of(self.dossier),
                refunds=paying.refunds_of(self.dossier),
                claim=claims[0] if claims else None,
                claim_state=_(claims[0].get_status_display()) if claims else "",
                may_claim=bool(paying.claimable(self.dossier, charges)),
            )
        )


class Attempt(MoneyPage):
    """One attempt to pay: waiting for the bank, the transfer's code, or how it ended. The bank alone decides."""

    template_name = "portal/payment_attempt.html"

    def payment(self) -> Payment:
        """The attempt named by the address, of this dossier."""
        return get_object_or_404(
            self.dossier.payments.select_related("refund"), reference=self.kwargs["reference"]
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """How it stands by our own books, whatever a browser brings back from the bank."""
        if request.GET:  # the platform's parameters prove nothing and need not stand in the address
            return redirect(request.path)
        return self.show(self.payment())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask the bank now."""
        payment = self.payment()
        if payment.status == Status.STARTED and not payments.ask_politely(payment):
            messages.info(request, _("Chưa hỏi được ngân hàng lúc này. Hệ thống tự hỏi lại mỗi phút."))
        return redirect(request.path)

    def show(self, payment: Payment) -> HttpResponse:
        """Draw the page."""
        transfer = payment.method == Payment.Method.TRANSFER and payment.status == Status.STARTED
        refund = getattr(payment, "refund", None)
        return self.render_to_response(
            self.get_context_data(
                payment=payment,
                transfer=transfer,
                qr=mark_safe(printing.qr_image(payments.qr_text(payment))) if transfer else "",
                bank={
                    "name": settings.VIETQR_BANK_NAME,
                    "account": settings.VIETQR_ACCOUNT,
                    "holder": settings.VIETQR_HOLDER,
                    "simulated": settings.VIETQR_SIMULATED,
                },
                words=paying.words_of(payment) if payment.status == Status.FAILED else "",
                receipt=next(iter(paying.receipts_of(self.dossier, payment)), None)
                if payment.status == Status.SUCCEEDED
                else None,
                refund=refund,
                why=_(refund.get_reason_display()) if refund else "",
                refund_url=reverse(
                    "portal:refund", kwargs={"ref": self.dossier.submission_ref, "seq": refund.seq}
                )
                if refund
                else "",
                starts_review=self.dossier.state == State.SUBMITTED
                and self.dossier.intake_due_at is not None,
                goes_on=self.dossier.state == State.PROCESSING
                and any(c.seq in payment.charges and c.stage == "during" for c in self.charges),
            )
        )


class Relief(MoneyPage):
    """Claiming an exemption or reduction, with the paper that shows the right."""

    template_name = "portal/relief.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The groups that would pay less here."""
        rows = paying.claimable(self.dossier, self.charges)
        if not rows:
            messages.info(request, _("Hiện không có khoản nào đề nghị miễn, giảm được."))
            return self.back()
        kept = self.kept.dict() if self.kept is not None else {}
        return self.show(ReliefForm(rows, initial={"seen": self.dossier.last_seq, **kept}))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Hand it in."""
        form = ReliefForm(paying.claimable(self.dossier, self.charges), request.POST, request.FILES)
        if form.is_valid():
            try:
                paying.claim(
                    self.dossier,
                    form.rows[form.cleaned_data["relief"]],
                    form.cleaned_data["paper"],
                    by=self.payer,
                    seen=form.cleaned_data["seen"],
                )
                messages.success(
                    request, _("Đã gửi đề nghị miễn, giảm. Bộ phận Một cửa xem xét rồi báo cho ông/bà.")
                )
                return self.back()
            except StepRefused as error:
                messages.warning(request, error.told)
                return self.overtaken(form)
            except Refused as error:
                form.add_error(None, error.told)
        return self.show(form)

    def overtaken(self, form: ReliefForm) -> HttpResponse:
        """Somebody was faster. While it may still be claimed the choice stays, and the paper is asked for again."""
        dossier = own_dossier(self.request, self.kwargs["ref"])
        rows = paying.claimable(dossier, list(dossier.charges.order_by("seq")))
        if not rows or was_taken_since(dossier, form.cleaned_data["seen"], "claim_relief"):
            return self.back()
        data = self.request.POST.copy()
        data["seen"] = str(dossier.last_seq)
        return self.show(ReliefForm(rows, data))

    def show(self, form: ReliefForm) -> HttpResponse:
        """Draw the page."""
        return self.render_to_response(self.get_context_data(form=form))


class RefundPage(MoneyPage):
    """Money given back: where it stands, and where it is to go."""

    template_name = "portal/refund.html"

    def refund(self) -> Refund:
        """The refund named by the address, of this dossier."""
        return get_object_or_404(self.dossier.refunds.select_related("payment"), seq=self.kwargs["seq"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The journey, and the form while the money has not gone."""
        refund = self.refund()
        known: dict[str, Any] = {
            "way": refund.way,
            "bank": refund.bank,
            "account": refund.account,
            "holder": refund.holder,
        }
        known |= {"other_holder": refund.other_holder, "seen": self.dossier.last_seq}
        if not refund.way:
            known |= {"way": Refund.Way.TRANSFER, "holder": self.payer.full_name}
        if self.kept is not None:
            known |= self.kept.dict()
        return self.show(refund, RefundAccountForm(paying.names_of(self.dossier, self.payer), initial=known))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say where the money goes."""
        refund = self.refund()
        form = RefundAccountForm(paying.names_of(self.dossier, self.payer), request.POST)
        if form.is_valid():
            data = form.cleaned_data
            facts = {key: data[key] for key in ("way", "bank", "account", "holder", "other_holder")}
            try:
                advance(
                    self.dossier.pk,
                    "give_refund_account",
                    by=self.payer,
                    seen=data["seen"],
                    refund=refund.seq,
                    **facts,
                )
                messages.success(request, _("Đã ghi nhận nơi nhận tiền hoàn."))
                return redirect(request.path)
            except StepRefused as error:
                return self.overtaken(error, data["seen"])
            except Refused as error:
                form.add_error(None, error.told)
        return self.show(refund, form)

    def overtaken(self, error: StepRefused, seen: int | None) -> HttpResponse:
        """Somebody was faster. While the money has not gone, the words stay on the page."""
        dossier, refund = own_dossier(self.request, self.kwargs["ref"]), self.refund()
        if not refund.is_open or was_taken_since(dossier, seen, "give_refund_account"):
            messages.warning(self.request, error.told)
            return redirect(self.request.path)
        messages.warning(self.request, format_html("{} {}", error.told, STILL_HERE))
        data = self.request.POST.copy()
        data["seen"] = str(dossier.last_seq)
        return self.show(refund, RefundAccountForm(paying.names_of(dossier, self.payer), data))

    def show(self, refund: Refund, form: RefundAccountForm) -> HttpResponse:
        """Draw the page."""
        return self.render_to_response(
            self.get_context_data(
                refund=refund,
                form=form if refund.is_open else None,
                journey=paying.journey(refund),
                state=paying.state_words(refund),
                account=paying.account_words(refund) if refund.way else "",
            )
        )


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class VnpayCallBack(View):
    """VNPAY's server tells the result (IPN). The signature is the proof; anybody may knock."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Judge and answer in VNPAY's codes."""
        code, words = payments.call_back("vnpay", {k: str(v) for k, v in request.GET.items()})
        return JsonResponse({"RspCode": code, "Message": words})
