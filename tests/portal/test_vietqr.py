"""VietQR's server reports credits: only with a token, only of our account, each counted once."""

import base64
from typing import Any

import pytest
from django.test import Client

from hoso.models import BankLine, Charge
from hoso.services import payments, statements
from tests.factories import World, draft, walk

pytestmark = pytest.mark.django_db
TOKEN, SYNC = "/thanh-toan/vietqr/api/token_generate", "/thanh-toan/vietqr/bank/api/transaction-sync"


@pytest.fixture(autouse=True)
def _agreed(settings: Any) -> None:
    settings.VIETQR_CALLBACK_USER, settings.VIETQR_CALLBACK_PASSWORD = "vietqr", "mat-khau-dai"
    settings.VIETQR_ACCOUNT = "1023456789"


def token(client: Client, password: str = "mat-khau-dai") -> Any:
    """Sign in as VietQR does."""
    basic = base64.b64encode(f"vietqr:{password}".encode()).decode()
    return client.post(TOKEN, headers={"Authorization": f"Basic {basic}"})


def tell(client: Client, words: str, bearer: str = "", **changes: Any) -> Any:
    """Report one credit."""
    told = {
        "bankaccount": "1023456789",
        "amount": 8000,
        "transType": "C",
        "content": words,
        "transactionid": "t-1",
        "transactiontime": 1757342061000,
        "referencenumber": "FT25251000001",
        "orderId": "",
    } | changes
    bearer = bearer or token(client).json()["access_token"]
    return client.post(SYNC, told, "application/json", headers={"Authorization": f"Bearer {bearer}"})


def test_a_credit_pays_and_is_counted_once(w: World, client: Client) -> None:
    dossier = walk(w, draft(w), "accept")
    payment = payments.start(dossier.pk, [1], way="vietqr", by=w.citizen, return_url="").payment
    for _ in range(2):
        answer = tell(client, f"MBVCB.{payment.reference}.CT")
        assert answer.json()["error"] is False
        assert answer.json()["object"]["reftransactionid"] == str(BankLine.objects.get().pk)
    assert dossier.charges.get().status == Charge.Status.PAID
    text = f"Ngày,Số tham chiếu,Ghi có,Nội dung\n08/09/2025,FT25251000001,8.000,{payment.reference}\n"
    (judged,) = statements.judge(statements.read(text.encode()))
    assert judged.verdict == "known"
    assert dossier.receipts.count() == 1


def test_a_credit_nobody_can_place_waits_for_the_cashier(w: World, client: Client) -> None:
    tell(client, "chuyen tien")
    assert BankLine.objects.get().status == "unmatched"


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"bankaccount": "999"}, 400, True),
        ({"amount": "x"}, 400, True),
        ({"amount": -5}, 400, True),
        ({"transactiontime": 10**30}, 400, True),
        ({"transType": "D"}, 200, False),
    ],
)
def test_what_is_no_credit_of_ours_leaves_nothing(
    w: World, client: Client, changes: dict[str, Any], status: int, error: bool
) -> None:
    answer = tell(client, "x", **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert not BankLine.objects.exists()


def test_strangers_are_refused(w: World, client: Client, settings: Any) -> None:
    assert token(client, "sai").status_code == 401
    assert tell(client, "x", "gia-mao").status_code == 401
    assert client.post(SYNC, {}, "application/json").status_code == 401
    settings.VIETQR_CALLBACK_USER = ""
    assert client.post(TOKEN).status_code == 404
    assert client.post(SYNC).status_code == 404
