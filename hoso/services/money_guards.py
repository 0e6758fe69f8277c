"""What must be true before a step about money. Gathered into the one table of `guards`."""

from typing import Any

from django.utils.translation import gettext as _

from danhmuc.models import User
from hoso.models import Receipt, Refund
from hoso.services import reliefs
from hoso.services.case import Case
from hoso.services.errors import Refused


def may_claim(case: Case, by: User, facts: dict[str, Any]) -> None:
    """Something is due, and no claim waits already."""
    if case.open_relief_claim is not None:
        raise Refused(_("Đề nghị miễn, giảm trước đang được xem xét. Chờ kết quả rồi đề nghị lại nếu cần."))
    if not reliefs.claimable(case.dossier, case.charges, case.acting_day):
        raise Refused(_("Không có khoản phải nộp nào được miễn, giảm theo đề nghị."))


def claim_waits(case: Case, by: User, facts: dict[str, Any]) -> None:
    """There is a claim to judge."""
    if case.open_relief_claim is None:
        raise Refused("Không có đề nghị miễn, giảm nào đang chờ.")


def refusal_says_why(case: Case, by: User, facts: dict[str, Any]) -> None:
    """Whoever is refused reads the reason."""
    if not facts.get("granted") and not str(facts.get("note", "")).strip():
        raise Refused("Ghi lý do để người nộp biết.")


def refund_to_decide(case: Case, by: User, facts: dict[str, Any]) -> None:
    """A refund waits for a decision."""
    if not any(r.status == Refund.Status.TO_DECIDE for r in case.refunds):
        raise Refused("Không có khoản hoàn nào chờ quyết định.")


def refund_to_pay(case: Case, by: User, facts: dict[str, Any]) -> None:
    """A refund was approved and its receiver is known."""
    if not any(r.status == Refund.Status.APPROVED and r.way for r in case.refunds):
        raise Refused("Không có khoản hoàn nào sẵn sàng để chi.")


def refund_asks_account(case: Case, by: User, facts: dict[str, Any]) -> None:
    """A refund is open, so that one may say or change where it goes."""
    if not any(r.is_open for r in case.refunds):
        raise Refused(_("Không có khoản hoàn nào cần nơi nhận tiền."))


def receipt_to_replace(case: Case, by: User, facts: dict[str, Any]) -> None:
    """There is a receipt that stands unaltered."""
    if not any(
        r.status == Receipt.Status.ISSUED and r.kind != Receipt.Kind.ADJUSTMENT for r in case.receipts
    ):
        raise Refused("Không có biên lai nào lập lại được.")


STANDING = {
    may_claim,
    claim_waits,
    refund_to_decide,
    refund_to_pay,
    refund_asks_account,
    receipt_to_replace,
}
GUARDS = {
    "claim_relief": (may_claim,),
    "decide_relief": (claim_waits, refusal_says_why),
    "decide_refund": (refund_to_decide,),
    "pay_refund": (refund_to_pay,),
    "give_refund_account": (refund_asks_account,),
    "replace_receipt": (receipt_to_replace,),
}
