"""Reliefs, receipts and refunds as services: dated rules, numbers without gaps, and money that always adds up."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.ui import retold as shown
from danhmuc.models import ChargeRelief, ChargeRule, ProcedureVersion
from hoso import tasks
from hoso.gateways.payment import Answer
from hoso.lifecycle import State
from hoso.models import Charge, Document, Dossier, Payment, Receipt, Refund, ReliefClaim
from hoso.services import charges, history, payments, receipts, refunds, reliefs
from hoso.services.case import Case
from hoso.services.dossiers import advance
from hoso.services.errors import Refused
from hoso.services.law import Law
from tests.factories import World, draft, organisation, pay, procedure, step, upload, walk
from tests.outside import Server

pytestmark = pytest.mark.django_db
Status = Payment.Status


def relief(key: str, **more: Any) -> ChargeRelief:
    """A dated reason to pay less."""
    values = {
        "name": f"Diện {key}",
        "basis": "Luật Phí và lệ phí",
        "percent": 100,
        "condition": "claim",
        "paper": "Giấy xác nhận",
        "kinds": ["le_phi"],
        "valid_from": date(2017, 1, 1),
    }
    return ChargeRelief.objects.create(key=key, **(values | more))


def claim(w: World, dossier: Dossier, row: ChargeRelief) -> Dossier:
    """The citizen claims, with a paper on file."""
    case = Case(dossier)
    paper = upload(case, None, w.citizen, kind=Document.Kind.RELIEF)
    paper.save()
    return advance(dossier.pk, "claim_relief", by=w.citizen, relief=row, document=paper)


# --- Reliefs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "level", "local", "amount"),
    [
        ("2026-08-14 09:00", 2, False, 8000),
        ("2026-08-17 09:00", 2, False, 0),
        ("2026-08-17 09:00", 1, False, 8000),
        ("2026-08-17 09:00", 2, True, 8000),
        ("2027-02-26 09:00", 2, False, 0),
        ("2027-03-01 09:00", 2, False, 8000),
    ],
)
def test_the_exemption_of_2026_applies_by_itself_between_its_dates(
    w: World, at, day: str, level: int, local: bool, amount: int
) -> None:
    relief(
        "tt117", percent=100, condition="eid_level_2", paper="", kinds=["phi", "le_phi"], central_only=True,
        valid_from=date(2026, 8, 15), valid_to=date(2027, 2, 28), name="Tài khoản mức độ 2",
    )  # fmt: skip
    w.citizen.eid_level = level
    w.citizen.save()
    at(day)
    version = procedure("1.009999", "Thủ tục có phí", set_locally=local)
    charge = walk(w, draft(w, version=version), "accept").charges.get()
    assert (charge.amount, charge.full_amount) == (amount, 8000)
    assert charge.status == (Charge.Status.EXEMPT if amount == 0 else Charge.Status.DUE)
    if amount == 0:
        assert charge.status_reason.startswith("Tài khoản mức độ 2")


def test_the_most_favourable_of_several_counts(w: World) -> None:
    relief("giam-30", percent=30, condition="eid_level_2", paper="")
    relief("giam-75", percent=75, condition="eid_level_2", paper="")
    relief("phi-thoi", percent=100, condition="eid_level_2", paper="", kinds=["phi"])
    relief("khac", percent=100, condition="eid_level_2", paper="", procedures=["9.999999"])
    charge = walk(w, draft(w), "accept").charges.get()
    assert (charge.amount, charge.relief.key) == (2000, "giam-75")


#: Who files how, for whom; the owner's level and that of whoever files; whether the relief of level 2 is due.
WHOSE = [
    ("online, cho mình, mức 2", {}, 2, 2, True),
    ("online, cho mình, mức 1", {}, 1, 1, False),
    ("online, nộp thay người mức 2", {"on_behalf": True}, 2, 0, True),
    ("online, nộp thay người mức 1, mình mức 2", {"on_behalf": True}, 1, 2, False),
    (
        "online, nộp thay người chưa có tài khoản",
        {"on_behalf": True, "owner_id": "025186999999"},
        2,
        2,
        False,
    ),
    ("online, nộp thay tổ chức", {"on_behalf": True, "owner_id": "0100233488"}, 2, 2, False),
    ("online, nộp thay chưa ghi số", {"on_behalf": True, "owner_id": ""}, 2, 2, False),
    ("online, chưa ghi số, cho mình", {"owner_id": "", "by": "citizen"}, 2, 2, True),
    ("quầy, chủ hồ sơ tự nộp", {"channel": "counter", "by": "citizen"}, 2, 2, True),
    ("quầy, người mức 1 nộp hộ chủ hồ sơ mức 2", {"channel": "counter"}, 2, 1, True),
    ("quầy, người mức 2 nộp hộ chủ hồ sơ mức 1", {"channel": "counter"}, 1, 2, False),
    ("quầy, không ai có tài khoản", {"channel": "counter", "by": None}, 2, 2, False),
    ("bưu chính, chủ hồ sơ mức 2", {"channel": "post", "by": "citizen"}, 2, 2, True),
    ("thành viên mức 2 nộp cho tổ chức", {"organisation": True}, 2, 2, False),
]


@pytest.mark.parametrize(
    ("how", "owner_level", "filer_level", "due"), [row[1:] for row in WHOSE], ids=[r[0] for r in WHOSE]
)
def test_a_relief_belongs_to_whose_dossier_it_is(
    w: World, how: dict[str, Any], owner_level: int, filer_level: int, due: bool
) -> None:
    relief("tt117", condition="eid_level_2", paper="")
    for person, level in ((w.citizen, owner_level), (w.neighbour, filer_level)):
        person.eid_level = level
        person.save()
    others = how.get("on_behalf") or ("by" not in how and "channel" in how)
    by = how.get("by", "neighbour" if others else "citizen")
    dossier = Dossier(
        version=w.version,
        procedure=w.version.procedure,
        channel=how.get("channel", "online"),
        owner_id=how.get("owner_id", w.citizen.personal_id),
        on_behalf=how.get("on_behalf", False),
        organisation=organisation("Công ty TNHH Chè Phú Thọ") if how.get("organisation") else None,
        applicant=getattr(w, by) if by else None,
    )
    (charge,) = charges.expected(dossier, Law(), timezone.now())
    assert charge.amount == (0 if due else 8000)


@pytest.mark.parametrize(
    "how", [{}, {"on_behalf": True}, {"organisation": True}], ids=["mình", "nộp thay", "tổ chức"]
)
def test_the_lower_fee_of_the_online_channel_is_anybodys_who_files_online(
    w: World, how: dict[str, Any]
) -> None:
    version = ProcedureVersion.objects.get(pk=w.version.pk)
    version.pk, version.number, version.status, version.published_at = None, 2, "draft", None
    version.save()
    for channel, amount in (("", 8000), ("online", 4000)):
        ChargeRule.objects.create(
            version=version, kind="le_phi", name="Lệ phí", amount=amount, channel=channel, basis="Nghị quyết"
        )
    firm = organisation("Công ty TNHH Chè Phú Thọ") if how.get("organisation") else None
    for channel, amount in (("online", 4000), ("counter", 8000)):
        dossier = Dossier(
            version=version,
            procedure=version.procedure,
            channel=channel,
            owner_id=w.neighbour.personal_id,
            on_behalf=how.get("on_behalf", False),
            organisation=firm,
            applicant=w.citizen,
        )
        assert [c.amount for c in charges.expected(dossier, Law(), timezone.now())] == [amount]


@given(percent=st.integers(1, 100), amount=st.integers(0, 10**12))
def test_a_reduction_is_whole_dong_and_never_more_than_the_fee(percent: int, amount: int) -> None:
    left = ChargeRelief(percent=percent).reduced(amount)
    assert 0 <= left <= amount
    assert abs(left * 100 - amount * (100 - percent)) < 100


def test_a_claim_beats_what_was_applied_only_when_it_is_better(w: World) -> None:
    relief("giam-50", percent=50, condition="eid_level_2", paper="")
    worse, better = relief("giam-20", percent=20), relief("mien")
    dossier = walk(w, draft(w), "accept")
    assert reliefs.claimable(dossier, list(dossier.charges.all())) == [better]
    with pytest.raises(Refused, match="không áp dụng"):
        claim(w, dossier, worse)
    dossier = claim(w, dossier, better)
    with pytest.raises(Refused, match="đang được xem xét"):
        claim(w, dossier, better)
    step(w, dossier, "decide_relief", "desk_officer", {"granted": True})
    charge = dossier.charges.get()
    assert (charge.status, charge.relief) == (Charge.Status.EXEMPT, better)


def test_a_refused_claim_says_why_and_changes_nothing(w: World) -> None:
    dossier = claim(w, walk(w, draft(w), "accept"), relief("mien"))
    with pytest.raises(Refused, match="Ghi lý do"):
        step(w, dossier, "decide_relief", "desk_officer", {"granted": False})
    step(w, dossier, "decide_relief", "desk_officer", {"granted": False, "note": "Giấy đã hết hạn."})
    assert dossier.charges.get().amount == 8000
    assert ReliefClaim.objects.get().status == "refused"
    for who in ("citizen", "case_officer", "approver"):
        with pytest.raises(PermissionDenied):
            step(w, claim_again(w, dossier), "decide_relief", who, {"granted": True})


def claim_again(w: World, dossier: Dossier) -> Dossier:
    """A second claim, once."""
    if not ReliefClaim.objects.filter(status="claimed").exists():
        claim(w, dossier, ChargeRelief.objects.get())
    return Dossier.objects.get(pk=dossier.pk)


def test_an_exempted_prepaid_fee_starts_the_review(w: World, at) -> None:
    version = procedure("1.009999", "Thủ tục thu phí trước", fee_timing="before_intake")
    at("2026-10-13 09:00")
    dossier = walk(w, draft(w, version=version, paper=True), "submit")
    assert dossier.intake_due_at is None
    dossier = claim(w, dossier, relief("mien"))
    at("2026-10-13 15:30")
    dossier = step(w, dossier, "decide_relief", "desk_officer", {"granted": True})
    assert dossier.intake_due_at.isoformat() == "2026-10-14T15:30:00+07:00"
    assert not list(history.problems(Dossier.objects.all()))


def test_an_exemption_at_filing_leaves_nothing_to_wait_for(w: World, at) -> None:
    relief("tu-dong", condition="eid_level_2", paper="")
    version = procedure("1.009999", "Thủ tục thu phí trước", fee_timing="before_intake")
    at("2026-10-13 09:00")
    dossier = walk(w, draft(w, version=version, paper=True), "submit")
    assert dossier.intake_due_at.isoformat() == "2026-10-14T09:00:00+07:00"
    step(w, dossier, "accept", "desk_officer", {"eid_checked": True})


def test_paying_everything_drops_a_claim(w: World) -> None:
    dossier = claim(w, walk(w, draft(w), "accept"), relief("mien"))
    pay(w, dossier)
    assert ReliefClaim.objects.get().status == "dropped"


def test_money_on_its_way_when_the_fee_is_reduced_goes_back(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    begun = payments.start(dossier.pk, [1], way="vnpay", by=w.citizen, return_url="").payment
    dossier = claim(w, Dossier.objects.get(pk=dossier.pk), relief("giam", percent=50))
    step(w, dossier, "decide_relief", "desk_officer", {"granted": True})
    done = payments.record(Answer(begun.reference, 8000, True, "B1", ""))
    assert (done.status, done.refund.reason) == (Status.REFUND_DUE, "wrong_amount")
    assert dossier.charges.get().amount == 4000


# --- Receipts -----------------------------------------------------------------------------------------


def online(w: World, dossier: Dossier, charges: list[int] | None = None) -> Payment:
    """Everything due, paid online."""
    seqs = charges or [c.seq for c in dossier.charges.filter(status="due")]
    begun = payments.start(dossier.pk, seqs, way="vnpay", by=w.citizen, return_url="").payment
    return payments.record(Answer(begun.reference, begun.amount, True, f"B{begun.pk}", ""))


def test_a_receipt_says_all_the_law_asks(w: World, at, settings) -> None:
    settings.RECEIPT_TAX_CODE = "2600123451"
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "accept")
    online(w, dossier)
    receipt = Receipt.objects.get()
    assert (receipt.form, receipt.symbol, receipt.number) == ("01BLP", "BL-26", "0000001")
    assert (receipt.amount, receipt.payer, receipt.collector) == (8000, w.citizen.full_name, w.commune)
    assert (
        timezone.localtime(receipt.remit_due_at).isoformat() == "2026-10-06T09:00:00+07:00"
    )  # 8 working hours (NĐ118 24.3)
    facts = dossier.papers.get(kind="fee_receipt").facts
    for key in (
        "collector",
        "tax_code",
        "form",
        "symbol",
        "number",
        "payer",
        "code",
        "charges",
        "method",
        "paid_at",
    ):
        assert facts[key], key
    cash = pay(w, walk(w, draft(w), "accept"))
    assert cash.receipts.get().remit_due_at is None
    assert cash.receipts.get().number == "0000002"


def test_a_receipt_with_a_wrong_name_is_cancelled_and_written_anew(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    online(w, dossier)
    facts = {"receipt": "0000001", "payer": "Hoàng Văn Bình", "payer_address": "Khu 2"}
    with pytest.raises(PermissionDenied):
        step(w, dossier, "replace_receipt", "desk_officer", facts)
    step(w, dossier, "replace_receipt", "cashier", facts | {"note": "Sai tên người nộp"})
    old, new = dossier.receipts.order_by("seq")
    assert (old.status, old.reason, new.kind, new.corrects) == (
        "cancelled",
        "Sai tên người nộp",
        "replacement",
        old,
    )
    assert (new.number, new.payer, new.amount, new.remit_due_at) == (
        "0000002",
        "Hoàng Văn Bình",
        8000,
        old.remit_due_at,
    )
    assert dossier.payments.get().receipt_no == "0000002"
    with pytest.raises(Refused, match="đã hủy"):
        step(w, dossier, "replace_receipt", "cashier", facts | {"note": "Lần nữa"})
    assert not list(history.problems(Dossier.objects.all()))


def test_the_provider_learns_of_receipts_and_of_their_cancelling(w: World, settings) -> None:
    dossier = walk(w, draft(w), "accept")
    online(w, dossier)
    with Server() as server:
        settings.RECEIPT_PROVIDER_URL = server.url
        server.otherwise = (503, {})
        tasks.register_receipts()
        receipt = Receipt.objects.get()
        assert (receipt.registered_at, receipt.provider_failures) == (None, 1)
        server.otherwise = (200, {"number": "K26-1", "link": "https://bienlai.example/1"})
        assert receipts.register_waiting() == 1
        assert receipts.register_waiting() == 0
        receipt.refresh_from_db()
        assert (receipt.provider_number, receipt.provider_link) == ("K26-1", "https://bienlai.example/1")
        advance(dossier.pk, "withdraw", by=w.citizen, note="")
        give_back(w, dossier)
        assert receipts.register_waiting() == 1
        told = server.received[-1][1]
        assert (told["cancelled"], told["known_as"]) == (True, "K26-1")


def test_money_reaches_the_budget_once_and_only_by_its_own_cashier(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    online(w, dossier)
    pk = Receipt.objects.get().pk
    assert receipts.remit([pk], by=w.other_desk_officer) == 0
    assert receipts.remit([pk, 0], by=w.cashier) == 1
    assert receipts.remit([pk], by=w.cashier) == 0


# --- Refunds ------------------------------------------------------------------------------------------


def give_back(w: World, dossier: Dossier, amount: int = 8000, seq: int = 1) -> Refund:
    """Decided, the account given, paid."""
    step(
        w, dossier, "decide_refund", "approver",
        {"refund": seq, "granted": True, "amount": amount, "note": "Chưa thụ lý", "decision_no": "15/QĐ"},
    )  # fmt: skip
    facts = {
        "refund": seq,
        "way": "transfer",
        "bank": "970405",
        "account": "2205123456",
        "holder": "NGUYEN HUONG",
    }
    step(w, dossier, "give_refund_account", "citizen", facts)
    step(w, dossier, "pay_refund", "cashier", {"refund": seq, "reference": "UNC-1"})
    return Refund.objects.get(dossier=dossier, seq=seq)


@pytest.mark.parametrize(
    ("name", "until", "who", "facts", "reason"),
    [
        ("withdraw", "accept", "citizen", {"note": "Đổi ý"}, "withdrawn"),
        ("void", "accept", "desk_head", {"note": "Nhập trùng"}, "not_completed"),
    ],
)
def test_an_end_before_a_result_asks_about_the_money_paid(
    w: World, name: str, until: str, who: str, facts: dict[str, Any], reason: str
) -> None:
    dossier = walk(w, draft(w), until)
    online(w, dossier)
    step(w, dossier, name, who, facts)
    refund = dossier.refunds.get()
    assert (refund.reason, refund.status, refund.amount) == (reason, "to_decide", 8000)
    assert dossier.notices.filter(template="refund_opened", recipient=w.citizen).exists()
    assert dossier.notices.filter(template="office_refund_to_decide").exists()


def test_a_refused_intake_gives_a_prepaid_fee_back(w: World) -> None:
    version = procedure("1.009999", "Thủ tục thu phí trước", fee_timing="before_intake")
    dossier = walk(w, draft(w, version=version, paper=True), "submit")
    online(w, dossier)
    step(w, dossier, "refuse_intake", "desk_officer", {"note": "Không thuộc thẩm quyền"})
    assert dossier.refunds.get().reason == "refused_intake"
    assert refunds.advise(Case(Dossier.objects.get(pk=dossier.pk))).granted is True


def test_advice_follows_the_work_done(w: World) -> None:
    begun = walk(w, draft(w), "finish_task")
    assert refunds.advise(Case(begun)).granted is False
    assert refunds.advise(Case(walk(w, draft(w), "accept"))).granted is True


def test_a_whole_refund_cancels_the_receipt_and_says_so_on_the_charge(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    online(w, dossier)
    advance(dossier.pk, "withdraw", by=w.citizen, note="")
    refund = give_back(w, dossier)
    assert (refund.status, refund.paid_by, refund.paid_reference) == ("paid", w.cashier, "UNC-1")
    receipt = dossier.receipts.get()
    assert (receipt.status, receipt.reason) == ("cancelled", "Hoàn phí: Người nộp rút hồ sơ")
    with translation.override("en"):
        assert shown(receipt.reason_said) == "Refund: The applicant withdrew the application"
    assert dossier.charges.get().status == Charge.Status.REFUNDED
    assert not list(history.problems(Dossier.objects.all()))


def test_who_may_decide_and_who_may_pay(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    online(w, dossier)
    advance(dossier.pk, "withdraw", by=w.citizen, note="")
    decision = {"refund": 1, "granted": True, "amount": 8000, "note": "Chưa thụ lý"}
    for who in ("cashier", "desk_officer", "case_officer", "citizen", "other_case_officer"):
        with pytest.raises(PermissionDenied):
            step(w, dossier, "decide_refund", who, decision)
    for amount in (0, 8001):
        with pytest.raises(Refused, match="từ 1 đến 8"):
            step(w, dossier, "decide_refund", "approver", decision | {"amount": amount})
    step(w, dossier, "decide_refund", "approver", decision)
    with pytest.raises(Refused, match="chờ quyết định"):
        step(w, dossier, "decide_refund", "approver", decision)
    with pytest.raises(Refused, match="sẵn sàng để chi"):
        step(w, dossier, "pay_refund", "cashier", {"refund": 1, "reference": "UNC-1"})
    step(w, dossier, "give_refund_account", "citizen", {"refund": 1, "way": "cash"})
    for who in ("approver", "desk_officer", "citizen"):
        with pytest.raises(PermissionDenied):
            step(w, dossier, "pay_refund", who, {"refund": 1, "reference": "UNC-1"})
    step(w, dossier, "pay_refund", "cashier", {"refund": 1, "reference": "PC-1"})
    with pytest.raises(Refused):
        step(w, dossier, "pay_refund", "cashier", {"refund": 1, "reference": "PC-1"})
    with pytest.raises(Refused):
        step(w, dossier, "give_refund_account", "citizen", {"refund": 1, "way": "cash"})


def test_the_database_itself_holds_the_bounds(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    payment = online(w, dossier)
    advance(dossier.pk, "withdraw", by=w.citizen, note="")
    refund = Refund.objects.get()
    for change in ({"amount": 8001}, {"amount": 0}, {"status": "paid"}, {"way": "transfer"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Refund.objects.filter(pk=refund.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(received=0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Charge.objects.update(amount=9000)


# --- It always adds up --------------------------------------------------------------------------------

MOVES = (
    "pay",
    "twice",
    "wrong",
    "fail",
    "desk",
    "withdraw",
    "refund all",
    "refund part",
    "decline",
    "undue back",
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.sampled_from(MOVES), min_size=1, max_size=7))
def test_money_captured_is_receipts_and_what_goes_back(w: World, moves: list[str]) -> None:
    with transaction.atomic():
        dossier = walk(w, draft(w), "accept")
        for move in moves:
            _move(w, dossier, move)
            _adds_up(dossier)
        assert not list(history.problems(Dossier.objects.filter(pk=dossier.pk)))
        transaction.set_rollback(True)


def _move(w: World, dossier: Dossier, move: str) -> None:
    """One thing that may happen, if it can happen now."""
    dossier.refresh_from_db()
    due = [c.seq for c in dossier.charges.filter(status="due")]
    begun = dossier.payments.filter(status__in=["started", "failed"]).first()
    if move in {"pay", "twice", "wrong", "fail"}:
        if begun is None and due:
            begun = payments.start(dossier.pk, due, way="vnpay", by=w.citizen, return_url="").payment
        if begun is None:
            return
        amount = begun.amount - 1 if move == "wrong" else begun.amount
        for _ in range(2 if move == "twice" else 1):
            payments.record(Answer(begun.reference, amount, move != "fail", f"B{begun.pk}", ""))
    elif move == "desk" and due and dossier.is_open:
        if not dossier.payments.filter(status="started").exists():  # an attempt that will come too late
            payments.start(dossier.pk, due, way="vietqr", by=w.citizen, return_url="")
        pay(w, dossier)
    elif move == "withdraw" and dossier.state == State.PROCESSING:
        advance(dossier.pk, "withdraw", by=w.citizen, note="")
    elif move in {"refund all", "refund part", "decline"}:
        refund = dossier.refunds.filter(status="to_decide").first()
        if refund is None:
            return
        if move == "decline":
            facts = {"refund": refund.seq, "granted": False, "note": "Đã làm xong"}
            step(w, dossier, "decide_refund", "approver", facts)
        else:
            give_back(
                w, dossier, refund.received if move == "refund all" else refund.received // 2, refund.seq
            )
    elif move == "undue back":
        refund = dossier.refunds.filter(status="approved").first()
        if refund is not None:
            step(w, dossier, "give_refund_account", "citizen", {"refund": refund.seq, "way": "cash"})
            step(w, dossier, "pay_refund", "cashier", {"refund": refund.seq, "reference": "PC-1"})


def _adds_up(dossier: Dossier) -> None:
    """Captured = receipts that stand + what was or will be given back; nobody gets more than came."""
    captured = dossier.payments.aggregate(n=Sum("received"))["n"] or 0
    standing = dossier.receipts.exclude(status="cancelled").aggregate(n=Sum("amount"))["n"] or 0
    given = dossier.refunds.filter(status="paid").aggregate(n=Sum("amount"))["n"] or 0
    undue = (
        dossier.refunds.filter(reason__in=Refund.UNDUE, status="approved").aggregate(n=Sum("amount"))["n"]
        or 0
    )
    assert captured - given == standing + undue
    assert all(r.amount <= r.received for r in dossier.refunds.all())
