"""The simulated bank's pages: pay in every way a bank can go right or wrong, and the list of what happened."""

import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from config.vnpay_simulator import ledger, protocol

#: Button → (words, level). What each does stands in `Pay.post`.
BUTTONS = (
    ("pay", "Thanh toán thành công"),
    ("fail", "Thẻ bị từ chối"),
    ("cancel", "Hủy giao dịch"),
    ("late", "Trả chậm: quay về trước, báo kết quả sau"),
    ("twice", "Thành công, báo kết quả hai lần"),
    ("wrong", "Thành công nhưng báo sai số tiền"),
    ("lost", "Thành công nhưng mất thông báo kết quả"),
)


@method_decorator(login_not_required, name="dispatch")
class Pay(View):
    """The payment page a merchant sends its payer to."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The buttons, for an address the merchant signed."""
        asked = {key: value for key, value in request.GET.items() if isinstance(value, str)}
        if not protocol.is_signed(asked):
            return render(request, "vnpay_simulator/refused.html", status=400)
        order = ledger.open_order(
            asked["vnp_TxnRef"],
            int(asked["vnp_Amount"]) // 100,
            asked.get("vnp_OrderInfo", ""),
            asked["vnp_ReturnUrl"],
            asked.get("vnp_CreateDate", ""),
        )
        return render(request, "vnpay_simulator/pay.html", {"order": order, "buttons": BUTTONS})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Decide as the button says, tell the merchant's server, send the payer back."""
        reference, action = request.POST.get("reference", ""), request.POST.get("action", "")
        order = ledger.find(reference)
        if order is None or action not in dict(BUTTONS):
            raise Http404
        status, code = {"fail": ("02", "51"), "cancel": ("02", "24")}.get(action, ("00", "00"))
        if action == "late":
            return HttpResponseRedirect(protocol.return_address(order))
        other = max(order.amount - 1000, 1) if action == "wrong" else None
        ledger.settle(reference, status=status, code=code, paid=protocol.stamp(), amount=other)
        if action != "lost":
            tell(request, reference)
        if action == "twice":
            tell(request, reference)
        done = ledger.find(reference)
        assert done is not None
        return HttpResponseRedirect(protocol.return_address(done))


def tell(request: HttpRequest, reference: str) -> None:
    """Call the merchant's server back and note its answer."""
    order = ledger.find(reference)
    assert order is not None
    address = request.build_absolute_uri(reverse("portal:vnpay_ipn"))
    ledger.note_answer(reference, protocol.call_back(order, address))


@method_decorator(login_not_required, name="dispatch")
class Books(View):
    """Everything the simulated bank was asked, and a button to report a result now (again, or at last)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        return render(request, "vnpay_simulator/books.html", {"orders": ledger.latest()})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Report the result of one order; one not decided yet succeeds now."""
        reference = request.POST.get("reference", "")
        if ledger.find(reference) is None:
            raise Http404
        ledger.settle(reference, status="00", code="00", paid=protocol.stamp())
        tell(request, reference)
        return HttpResponseRedirect(reverse("vnpay_simulator:books"))


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class Transactions(View):
    """querydr."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """The signed answer."""
        try:
            body: dict[str, Any] = json.loads(request.body)
        except ValueError:
            return JsonResponse({"vnp_ResponseCode": "03", "vnp_Message": "Invalid data"})
        return JsonResponse(protocol.answer(body, ledger.find(str(body.get("vnp_TxnRef", "")))))
