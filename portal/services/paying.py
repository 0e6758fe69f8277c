"""What the money pages of a dossier say: what is owed and why, what was paid, how giving back stands."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from config.formats import vnd, vndate, vndatetime
from config.ui import retold, sentence
from danhmuc.models import ChargeRelief, User
from hoso.models import Charge, Document, Dossier, Paper, Payment, Receipt, Refund, State
from hoso.services import bank_accounts, documents, reliefs
from hoso.services.case import write
from hoso.services.charges import expected
from hoso.services.dossiers import advance, locked
from hoso.services.law import Law

Item = dict[str, Any]
#: When a charge is due, and what hangs on it.
WHY = {
    "before_intake": (
        gettext_lazy("Nộp trước khi kiểm tra hồ sơ"),
        gettext_lazy(
            "08 giờ làm việc để Bộ phận Một cửa kiểm tra hồ sơ chỉ bắt đầu tính từ lúc khoản này được ghi nhận."
        ),
    ),
    "at_intake": (
        gettext_lazy("Nộp khi hồ sơ được tiếp nhận"),
        gettext_lazy("Nộp sớm để không phải chờ khi nhận kết quả."),
    ),
    "during": (
        gettext_lazy("Nghĩa vụ tài chính theo thông báo của cơ quan"),
        gettext_lazy("Thời hạn giải quyết đang tạm dừng. Nộp đủ thì hồ sơ tự động được giải quyết tiếp."),
    ),
    "before_return": (
        gettext_lazy("Nộp trước khi nhận kết quả"),
        gettext_lazy("Kết quả được trả khi khoản này đã nộp."),
    ),
}
#: Why a platform said no, by its code (VNPAY 2.1.0).
SAID = {
    "11": gettext_lazy("Đã quá thời gian chờ thanh toán."),
    "12": gettext_lazy("Thẻ hoặc tài khoản bị khóa."),
    "24": gettext_lazy("Ông/bà đã hủy giao dịch."),
    "51": gettext_lazy("Tài khoản không đủ số dư, hoặc thẻ bị từ chối."),
    "65": gettext_lazy("Tài khoản vượt hạn mức giao dịch trong ngày."),
    "75": gettext_lazy("Ngân hàng đang bảo trì."),
}


def status_words(charge: Charge) -> str:
    """How a charge stands: "not paid", where a draft in the same Vietnamese words is "not submitted"."""
    if charge.status == Charge.Status.DUE:
        return pgettext("khoản thu", "Chưa nộp")
    return _(charge.get_status_display())


def groups(charges: Sequence[Charge], *, but: str = "") -> list[Item]:
    """What is due, by the moment it is due at, each with its reason; that of `but` is told elsewhere on the page."""
    found = []
    for stage, (title, why) in WHY.items():
        rows = [c for c in charges if c.status == Charge.Status.DUE and c.stage == stage]
        if rows:
            found.append(
                {"title": title, "why": "" if stage == but else why, "rows": [_owed(c) for c in rows]}
            )
    return found


def _owed(charge: Charge) -> Item:
    notes: list[str] = [sentence(_("Căn cứ: %(basis)s."), basis=charge.basis)] if charge.basis else []
    if charge.relief:
        notes.append(_reduced(charge))
    return {
        "label": charge.name,
        "amount": charge.amount,
        "note": format_html_join(" ", "{}", ((note,) for note in notes)),
    }


def _reduced(charge: Charge) -> str:
    assert charge.relief is not None
    return sentence(
        _("Mức đầy đủ %(full)s, được giảm %(percent)s%% vì: %(name)s (%(basis)s)."),
        full=vnd(charge.full_amount),
        percent=charge.relief.percent,
        name=charge.relief.name,
        basis=charge.relief.basis,
    )


def settled(charges: Sequence[Charge]) -> list[Item]:
    """What is no longer due: paid, exempt, given back."""
    rows = []
    for charge in charges:
        if charge.status in {Charge.Status.DUE, Charge.Status.CANCELLED}:
            continue
        note = status_words(charge)
        if charge.settled_at and charge.status == Charge.Status.PAID:
            note = f"{note} {vndate(charge.settled_at)}"
        elif charge.status_reason:
            note = f"{note}: {_(charge.status_reason)}"
        rows.append({"label": charge.name, "amount": charge.amount, "note": note})
    return rows


def receipts_of(dossier: Dossier, payment: Payment | None = None) -> list[Item]:
    """Receipts with their PDF, cancelled ones too, newest first: all of a dossier, or those of one payment."""
    papers = dict(dossier.papers.filter(kind=Paper.Kind.FEE_RECEIPT).values_list("event_seq", "pk"))
    rows = []
    found = dossier.receipts.filter(payment=payment) if payment else dossier.receipts.all()
    for receipt in found.order_by("-seq"):
        pk = papers.get(receipt.event_seq)
        marks: list[str] = []
        if receipt.status != Receipt.Status.ISSUED:
            marks.append(
                sentence(f"{_(receipt.get_status_display())}: %(why)s", why=retold(receipt.reason_said))
            )
        if receipt.provider_number:
            marks.append(_("biên lai điện tử số %(number)s") % {"number": receipt.provider_number})
        rows.append(
            {
                "title": _("%(kind)s %(symbol)s số %(number)s")
                % {
                    "kind": _(receipt.get_kind_display()),
                    "symbol": receipt.symbol,
                    "number": receipt.number,
                },
                "amount": receipt.amount,
                "note": format_html_join(
                    " · ", "{}", ((mark,) for mark in (vndatetime(receipt.issued_at), *marks))
                ),
                "url": reverse("portal:paper", kwargs={"ref": dossier.submission_ref, "pk": pk})
                if pk
                else "",
                "link": receipt.provider_link,
                "cancelled": receipt.status == Receipt.Status.CANCELLED,
            }
        )
    return rows


def attempt_address(dossier: Dossier, payment: Payment) -> str:
    """The page of one attempt."""
    return reverse(
        "portal:payment_attempt", kwargs={"ref": dossier.submission_ref, "reference": payment.reference}
    )


def waiting(dossier: Dossier, charges: Sequence[Charge]) -> list[Item]:
    """Attempts the bank has not confirmed yet; a transfer never made is of no interest once nothing is due."""
    begun = dossier.payments.filter(status=Payment.Status.STARTED)
    if not may_pay(dossier, charges):
        begun = begun.filter(method=Payment.Method.ONLINE)
    rows = begun.order_by("-pk")[:5]
    return [
        {
            "url": attempt_address(dossier, p),
            "amount": p.amount,
            "at": p.started_at,
            "transfer": p.method == Payment.Method.TRANSFER,
        }
        for p in rows
    ]


def may_pay(dossier: Dossier, charges: Sequence[Charge]) -> bool:
    """Whether something can be paid from home now."""
    return dossier.is_open and any(c.status == Charge.Status.DUE for c in charges)


def words_of(payment: Payment) -> str:
    """Why an attempt did not succeed."""
    return str(SAID.get(str(payment.answer.get("code", "")), _("Ngân hàng báo giao dịch không thành công.")))


def foreseen(dossier: Dossier) -> list[Item]:
    """What filing this draft would cost, reliefs that apply by themselves included, for components/money.html."""
    return [
        {"label": c.name, "amount": c.amount, "note": c.status_reason or c.basis}
        for c in expected(dossier, Law(), timezone.now())
    ]


def to_come(dossier: Dossier, charges: Sequence[Charge]) -> list[Item]:
    """What acceptance will charge for a filed dossier, so that nobody reads "nothing to pay" the day before the bill."""
    if charges or dossier.state not in {State.SUBMITTED, State.INTAKE_HOLD}:
        return []
    return [row | {"note": _("Thu khi hồ sơ được tiếp nhận")} for row in foreseen(dossier) if row["amount"]]


# -- Paying less -------------------------------------------------------------------------------------------------------


def claimable(dossier: Dossier, charges: Sequence[Charge]) -> list[ChargeRelief]:
    """What the person may ask for, when nothing is being judged already."""
    if not may_pay(dossier, charges) or dossier.relief_claims.filter(status="claimed").exists():
        return []
    return reliefs.claimable(dossier, charges)


def claim(dossier: Dossier, relief: ChargeRelief, upload: Any, *, by: User, seen: int | None) -> Dossier:
    """Hand in the paper and ask. Raises Refused (the file, nothing to reduce) or StepRefused."""
    received = documents.receive(upload)
    with transaction.atomic():
        case = locked(dossier.pk)
        document = documents.take_in(case, received, by=by, kind=Document.Kind.RELIEF, title=relief.paper)
        write([case])
        return advance(dossier.pk, "claim_relief", by=by, seen=seen, relief=relief, document=document)


# -- Giving back -------------------------------------------------------------------------------------------------------


def refunds_of(dossier: Dossier) -> list[Item]:
    """Open and settled refunds, newest first, with the journey of each."""
    return [
        {
            "refund": r,
            "url": reverse("portal:refund", kwargs={"ref": dossier.submission_ref, "seq": r.seq}),
            "state": state_words(r),
        }
        for r in dossier.refunds.select_related("payment").order_by("-seq")
    ]


def state_words(refund: Refund) -> str:
    """Whose turn it is, in a few words."""
    if refund.asks_account:
        return _("Chờ ông/bà cho biết nơi nhận tiền")
    return {
        Refund.Status.TO_DECIDE: _("Cơ quan đang xem xét"),
        Refund.Status.APPROVED: _("Được hoàn, chờ kế toán chi tiền"),
        Refund.Status.DECLINED: _("Không được hoàn"),
        Refund.Status.PAID: _("Đã hoàn tiền"),
    }[Refund.Status(refund.status)]


def journey(refund: Refund) -> list[Item]:
    """The steps from the withdrawal to the money, for components/steps.html."""
    decided = refund.decided_at is not None or refund.reason in Refund.UNDUE
    declined = refund.status == Refund.Status.DECLINED
    steps = [
        {
            "title": _(refund.get_reason_display()),
            "note": vndatetime(refund.opened_at),
            "state": "done",
            "level": "",
        }
    ]
    if refund.reason in Refund.UNDUE:
        note = _("Tiền không thuộc khoản phải nộp nên được trả lại, không cần xét duyệt")
    elif refund.decided_at:
        note = vndatetime(refund.decided_at)
    else:
        note = _("Lãnh đạo cơ quan xem xét công việc đã làm")
    title = _("Quyết định không hoàn") if declined else _("Quyết định hoàn tiền")
    steps.append(
        {
            "title": title,
            "note": note,
            "state": "done" if decided else "current",
            "level": "" if decided else "info",
        }
    )
    if declined:
        return steps
    given = bool(refund.way)
    steps.append(
        {
            "title": _("Ông/bà cho biết nơi nhận tiền"),
            "note": account_words(refund) if given else _("Có thể làm ngay, không cần chờ quyết định"),
            "state": "done" if given else ("current" if decided else "todo"),
            "level": "" if given else "wait",
        }
    )
    paid = refund.paid_at is not None
    steps.append(
        {
            "title": _("Chi tiền"),
            "note": vndatetime(refund.paid_at) if paid else "",
            "state": "done" if paid else ("current" if decided and given else "todo"),
            "level": "" if paid else "info",
        }
    )
    return steps


def account_words(refund: Refund) -> str:
    """Where the money goes; of the account only the last four."""
    if refund.way == Refund.Way.CASH:
        return _("Tiền mặt tại Bộ phận Một cửa")
    return f"{bank_accounts.bank_name(refund.bank)} ···{refund.account[-4:]}, {refund.holder}"


def names_of(dossier: Dossier, user: User) -> list[str]:
    """Names in which the payer's account may be."""
    return [n for n in (user.full_name, dossier.submitter_name, dossier.owner_name) if n]


def money_card(dossier: Dossier, charges: Sequence[Charge]) -> Item:
    """What the page that follows the dossier shows of money: rows, total, whether to pay now, refunds under way."""
    due = sum(c.amount for c in charges if c.status == Charge.Status.DUE)
    rows = [
        {
            "label": c.name,
            "amount": c.amount,
            "note": status_words(c)
            + (f" {vndate(c.settled_at)}" if c.settled_at and c.status == Charge.Status.PAID else ""),
        }
        for c in charges
    ]
    return {
        "rows": rows,
        "to_come": to_come(dossier, charges),
        "total": {"label": _("Còn phải nộp"), "amount": due, "note": ""} if rows else None,
        "due": due if may_pay(dossier, charges) else 0,
        "urgent": (
            dossier.state == State.ON_HOLD
            and any(c.status == Charge.Status.DUE and c.stage == "during" for c in charges)
        )
        or (
            dossier.state == State.SUBMITTED
            and any(c.status == Charge.Status.DUE and c.stage == "before_intake" for c in charges)
        )
        # A result on screen is handed over by itself, once nothing is owed.
        or (dossier.state == State.DECIDED and dossier.return_by == Dossier.ReturnBy.ELECTRONIC and due > 0),
        "any": bool(rows),
    }
