"""VietQR's server tells of credits as they happen, by its public protocol: it signs in first, then reports each one.

A credit becomes a line of the bank's statement and goes through the same matching.
"""

import base64
import json
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from hoso.services import statements

_SALT, LIFETIME = "vietqr", 300


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class Door(View):
    """There only where a name and a password are agreed."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Nothing to find where nothing is configured."""
        if not (settings.VIETQR_CALLBACK_USER and settings.VIETQR_CALLBACK_PASSWORD):
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class Token(Door):
    """A token for five minutes in exchange for name and password (HTTP Basic)."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Check and answer as VietQR expects."""
        wanted = f"{settings.VIETQR_CALLBACK_USER}:{settings.VIETQR_CALLBACK_PASSWORD}"
        expected = "Basic " + base64.b64encode(wanted.encode()).decode()
        if not constant_time_compare(request.headers.get("Authorization", ""), expected):
            return _refused("E01", "Sai tên hoặc mật khẩu", 401)
        token = signing.dumps("vietqr", salt=_SALT)
        return JsonResponse({"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME})


class TransactionSync(Door):
    """One credit of the collecting account."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Note it; said again, it is the same line."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            if kind != "Bearer":
                raise signing.BadSignature
            signing.loads(token, salt=_SALT, max_age=LIFETIME)
        except signing.BadSignature:
            return _refused("E02", "Mã hết hạn hoặc không đúng", 401)
        try:
            told = json.loads(request.body)
            if str(told["bankaccount"]) != settings.VIETQR_ACCOUNT:
                return _refused("E03", "Tài khoản không phải của đơn vị", 400)
            if told["transType"] != "C":  # a debit is nobody's fee
                return _taken("")
            line = statements.Line(
                number=0,
                ref=str(told["referencenumber"] or told["transactionid"])[:80],
                at=datetime.fromtimestamp(int(told["transactiontime"]) / 1000, UTC),
                amount=int(told["amount"]),
                words=str(told["content"])[:500],
            )
            if line.amount <= 0 or not line.ref:
                raise ValueError
        except (ValueError, KeyError, TypeError, OverflowError, OSError):
            return _refused("E04", "Thiếu hoặc sai trường dữ liệu", 400)
        return _taken(str(statements.take_live(line).pk))


def _taken(reference: str) -> JsonResponse:
    words = {"error": False, "errorReason": "", "toastMessage": "Đã nhận"}
    return JsonResponse(words | {"object": {"reftransactionid": reference}})


def _refused(code: str, words: str, status: int) -> JsonResponse:
    return JsonResponse(
        {"error": True, "errorReason": code, "toastMessage": words, "object": None}, status=status
    )
