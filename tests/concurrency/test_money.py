"""Races and bad luck around money, on a real database: many call-backs at once, withdrawal meanwhile, a killed worker."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live_settings
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from hoso.gateways.payment import Answer
from hoso.models import BankLine, Charge, Dossier, Payment, Receipt, Refund
from hoso.services import history, payments, statements
from hoso.services.dossiers import advance
from hoso.services.errors import Refused
from tests.concurrency.test_kills import database_address
from tests.conftest import wait_until
from tests.factories import World, draft, walk, world
from tests.hoso.test_gateways import ipn, told
from tests.outside import Server

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def committed(transactional_db: None, settings: Any) -> World:
    """A province whose rows other threads and processes can see, with an account at VNPAY."""
    settings.VNPAY_URL, settings.VNPAY_API_URL = "https://vnpay.example/pay", "http://127.0.0.1:9/"
    settings.VNPAY_TMN_CODE, settings.VNPAY_SECRET = "DEMOV210", "BAYDAUVNPAYBIMAT"
    return world()


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run all together; what each answered, or the refusal it met."""
    gate, answers = threading.Barrier(len(jobs)), [None] * len(jobs)

    def run(number: int, job: Callable[[], Any]) -> None:
        try:
            gate.wait()
            answers[number] = job()
        except Refused as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def begun(w: World, way: str = "vnpay") -> Payment:
    """An attempt to pay the fee of a fresh dossier."""
    dossier = walk(w, draft(w), "accept")
    return payments.start(dossier.pk, [1], way=way, by=w.citizen, return_url="").payment


def adds_up() -> None:
    """Captured = receipts that stand + what is or was given back."""
    captured = Payment.objects.aggregate(n=Sum("received"))["n"] or 0
    standing = Receipt.objects.exclude(status="cancelled").aggregate(n=Sum("amount"))["n"] or 0
    undue = Refund.objects.filter(reason__in=Refund.UNDUE).aggregate(n=Sum("amount"))["n"] or 0
    assert captured == standing + undue
    assert not list(history.problems(Dossier.objects.all()))


def test_one_call_back_arriving_many_times_at_once(committed: World) -> None:
    payment = begun(committed)
    answers = at_once(*[lambda: payments.call_back("vnpay", ipn(payment.reference, 8000))[0]] * 6)
    assert sorted(answers) == ["00", "02", "02", "02", "02", "02"]
    assert payment.dossier.events.filter(name="record_payment").count() == 1
    assert Receipt.objects.count() == 1
    adds_up()


def test_success_and_failure_at_once_end_as_success(committed: World) -> None:
    payment = begun(committed)
    at_once(
        lambda: payments.call_back("vnpay", ipn(payment.reference, 8000, code="24")),
        lambda: payments.call_back("vnpay", ipn(payment.reference, 8000)),
    )
    payment.refresh_from_db()
    assert payment.status == Payment.Status.SUCCEEDED
    adds_up()


def test_a_call_back_during_the_withdrawal_is_a_receipt_or_a_refund(committed: World) -> None:
    w = committed
    for _ in range(4):
        payment = begun(w)
        at_once(
            lambda payment=payment: advance(payment.dossier_id, "withdraw", by=w.citizen, note=""),
            lambda payment=payment: payments.call_back("vnpay", ipn(payment.reference, 8000)),
        )
        refund = Refund.objects.get(payment=payment)
        payment.refresh_from_db()
        if payment.status == Payment.Status.SUCCEEDED:  # the money was first: its return needs a decision
            assert (refund.reason, refund.status) == ("withdrawn", "to_decide")
        else:  # the withdrawal was first: the money never was owed
            assert (payment.status, refund.reason, refund.status) == ("refund_due", "too_late", "approved")
    adds_up()


def test_the_counter_and_the_bank_at_once_take_the_fee_once(committed: World) -> None:
    w = committed
    payment = begun(w)
    facts = {"charges": [1], "amount": 8000, "method": "cash_desk", "reference": "TM1"}
    at_once(
        lambda: advance(payment.dossier_id, "record_payment", by=w.cashier, **facts),
        lambda: payments.call_back("vnpay", ipn(payment.reference, 8000)),
    )
    assert payment.dossier.charges.get().status == Charge.Status.PAID
    assert Receipt.objects.count() == 1
    adds_up()


def test_two_windows_begin_one_attempt(committed: World) -> None:
    w = committed
    dossier = walk(w, draft(w), "accept")
    job = lambda: payments.start(dossier.pk, [1], way="vnpay", by=w.citizen, return_url="").payment.pk  # noqa: E731
    assert len(set(at_once(job, job, job))) == 1


def test_one_statement_imported_by_two_at_once_counts_once(committed: World) -> None:
    w = committed
    payment = begun(w, "vietqr")
    head = "Ngày giao dịch,Số tham chiếu,Ghi có,Nội dung\n"
    line = f"25/11/2026,FT1,8.000,{payment.reference}\n"
    files = [(head + line).encode(), (head + line + "\n").encode(), (head + line).encode()]
    at_once(
        *[
            lambda data=data: statements.save(
                "a.csv", statements.digest(data), statements.read(data), by=w.cashier
            )
            for data in files
        ]
    )
    assert BankLine.objects.count() == 1
    assert Receipt.objects.count() == 1
    assert not Refund.objects.exists()
    adds_up()


def test_a_refund_is_paid_once_by_two_cashiers(committed: World) -> None:
    w = committed
    payment = begun(w)
    payments.record(Answer(payment.reference, 7000, True, "B1", ""))
    advance(payment.dossier_id, "give_refund_account", by=w.citizen, refund=1, way="cash")
    job = lambda: advance(payment.dossier_id, "pay_refund", by=w.cashier, refund=1, reference="PC-1")  # noqa: E731
    answers = at_once(job, job)
    assert sum(isinstance(a, Refused) for a in answers) == 1
    assert payment.dossier.events.filter(name="pay_refund").count() == 1


def test_the_bank_is_asked_while_its_call_back_arrives(committed: World, settings: Any) -> None:
    payment = begun(committed)
    Payment.objects.update(started_at=timezone.now() - timedelta(minutes=5))
    with Server() as bank:
        settings.VNPAY_API_URL = bank.url
        bank.otherwise = (200, told(TxnRef=payment.reference))
        at_once(payments.ask_unanswered, lambda: payments.call_back("vnpay", ipn(payment.reference, 8000)))
    assert payment.dossier.events.filter(name="record_payment").count() == 1
    adds_up()


# --- A worker killed between the question and the record -----------------------------------------------

_ASK = """
import django, os, sys
django.setup()
from django.conf import settings
settings.VNPAY_URL, settings.VNPAY_API_URL = "https://vnpay.example/pay", sys.argv[1]
settings.VNPAY_TMN_CODE, settings.VNPAY_SECRET = "DEMOV210", "BAYDAUVNPAYBIMAT"
from hoso.services import payments
payments.ask_unanswered()
print("recorded", flush=True)
"""


@pytest.fixture
def asking(committed: World, tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Start another process that asks the bank at an address."""
    started: list[subprocess.Popen[bytes]] = []

    def start(address: str) -> subprocess.Popen[bytes]:
        env = {
            **os.environ,
            "DATABASE_URL": database_address(),
            "DJANGO_SETTINGS_MODULE": "config.settings_test",
        }
        process = subprocess.Popen([sys.executable, "-c", _ASK, address], env=env, cwd=live_settings.BASE_DIR)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_worker_killed_between_question_and_record_loses_nothing(
    committed: World, asking: Callable[[str], subprocess.Popen[bytes]], settings: Any
) -> None:
    payment = begun(committed)
    Payment.objects.update(started_at=timezone.now() - timedelta(minutes=5))
    released = threading.Event()
    with Server() as bank:
        bank.otherwise = (200, told(TxnRef=payment.reference))
        bank.held = released
        process = asking(bank.url)
        wait_until(lambda: bank.received, 40, "câu hỏi đến ngân hàng")
        process.send_signal(signal.SIGKILL)
        process.wait()
        released.set()
        payment.refresh_from_db()
        assert payment.status == Payment.Status.STARTED
        settings.VNPAY_API_URL = bank.url
        Payment.objects.update(asked_at=timezone.now() - timedelta(minutes=2))
        assert payments.ask_unanswered() == 1
    payment.refresh_from_db()
    assert payment.status == Payment.Status.SUCCEEDED
    adds_up()
