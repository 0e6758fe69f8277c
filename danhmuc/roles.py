"""Who may do what: every role of the field as one row, with the steps of a dossier it may take."""

from dataclasses import dataclass

from django.db.models import TextChoices


class Role(TextChoices):
    """Position of a member of staff (domain §2)."""

    DESK_OFFICER = "desk_officer", "Cán bộ tiếp nhận và trả kết quả"
    DESK_HEAD = "desk_head", "Người đứng đầu Bộ phận Một cửa"
    CASE_OFFICER = "case_officer", "Cán bộ thụ lý"
    DIVISION_HEAD = "division_head", "Lãnh đạo phòng"
    APPROVER = "approver", "Lãnh đạo cơ quan"
    RECORDS_CLERK = "records_clerk", "Văn thư"
    CASHIER = "cashier", "Người thu phí, lệ phí"
    ARCHIVIST = "archivist", "Người làm lưu trữ"
    POST_COORDINATOR = "post_coordinator", "Đầu mối Bưu điện"
    POST_CARRIER = "post_carrier", "Bưu tá"
    POST_POINT_CLERK = "post_point_clerk", "Giao dịch viên bưu cục"
    HOTLINE_OPERATOR = "hotline_operator", "Điện thoại viên 1022"
    PROCEDURE_CONTROLLER = "procedure_controller", "Cán bộ đầu mối kiểm soát thủ tục hành chính"
    UNIT_ADMIN = "unit_admin", "Quản trị đơn vị"
    SYSTEM_ADMIN = "system_admin", "Quản trị hệ thống"
    SUPERVISOR = "supervisor", "Người giám sát"
    FEEDBACK_HANDLER = "feedback_handler", "Người xử lý phản ánh"


@dataclass(frozen=True)
class Grant:
    """What one role opens: steps it may take, and which dossiers it may read.

    `reads` is "desk" (dossiers of the desk), "agency" (those the agency resolves or has a task in), "scope"
    (read-only over the agency and everything below it), "post" (none on the back-office pages; steps only on dossiers
    the post carries) or "" (none).
    """

    steps: frozenset[str]
    reads: str


def _grant(reads: str, *steps: str) -> Grant:
    return Grant(frozenset(steps), reads)


DESK_STEPS = (
    "accept",
    "accept_immediate",
    "ask_completion",
    "resubmit",
    "refuse_intake",
    "redirect",
    "hand_over",
    "recall_handover",
    "sign_for",
    "receive_papers",
    "check_papers",
    "hold",
    "hold_financial",
    "resume",
    "close_unsupplemented",
    "amend",
    "record_payment",
    "decide_relief",
    "give_refund_account",
    "complete",
    "withdraw",
    "report_error",
)
CASE_STEPS = (
    "sign_for",
    "hand_over",
    "recall_handover",
    "consult",
    "verify_on_site",
    "finish_task",
    "propose_hold",
    "hold_financial",
    "return_task",
)

#: The one table of rights. Whether the dossier at hand lies within the holder's desk or agency is judged in
#: `hoso.access`; a right that is not in this table does not exist.
GRANTS: dict[str, Grant] = {
    Role.DESK_OFFICER: _grant("desk", *DESK_STEPS),
    Role.DESK_HEAD: _grant("desk", *DESK_STEPS, "void", "urge"),
    Role.CASE_OFFICER: _grant("agency", *CASE_STEPS),
    Role.DIVISION_HEAD: _grant("agency", *CASE_STEPS, "assign"),
    Role.APPROVER: _grant(
        "agency",
        "sign_for",
        "assign",
        "return_task",
        "finish_task",
        "sign_hold",
        "extend",
        "decide",
        "decide_paper_mismatch",
        "finish_correction",
        "decide_refund",
    ),
    Role.RECORDS_CLERK: _grant("agency", "sign_for", "issue_result"),
    Role.CASHIER: _grant(
        "desk",
        "record_payment",
        "resume",
        "decide_relief",
        "replace_receipt",
        "give_refund_account",
        "pay_refund",
    ),
    Role.ARCHIVIST: _grant("agency"),
    Role.SUPERVISOR: _grant("scope", "urge"),
    Role.POST_CARRIER: _grant("post", "complete", "record_payment"),
    Role.POST_POINT_CLERK: _grant("post", "complete", "record_payment"),
    # Coordinators see parcels, never dossiers; administrators see no dossier content (domain §2).
    Role.POST_COORDINATOR: _grant(""),
    Role.HOTLINE_OPERATOR: _grant(""),
    Role.PROCEDURE_CONTROLLER: _grant(""),
    Role.UNIT_ADMIN: _grant(""),
    Role.SYSTEM_ADMIN: _grant(""),
    Role.FEEDBACK_HANDLER: _grant(""),
}

#: Steps an applicant takes on an own dossier, and those the system takes by itself.
APPLICANT_STEPS = frozenset(
    {"submit", "resubmit", "withdraw", "amend", "answer_supplement", "claim_relief", "give_refund_account"}
)
SYSTEM_STEPS = frozenset(
    {"record_payment", "resume", "complete", "recalculate", "mirror_update", "urge", "open_refund"}
)

#: Whose position opens figures: supervisors over their scope, heads over their own agency.
REPORT_ROLES = frozenset({Role.SUPERVISOR, Role.APPROVER, Role.DIVISION_HEAD, Role.DESK_HEAD})
#: Who corrects what an account says of its holder, standing at the counter with the papers (PT 7.1; NĐ118 17.1a).
ACCOUNT_ROLES = frozenset({Role.DESK_OFFICER, Role.DESK_HEAD})
#: Who writes down what people say by telephone, by letter or in person (PT 17.2).
FEEDBACK_INTAKE_ROLES = frozenset(
    {Role.HOTLINE_OPERATOR, Role.FEEDBACK_HANDLER, Role.DESK_OFFICER, Role.DESK_HEAD}
)
POST_ROLES = frozenset({Role.POST_COORDINATOR, Role.POST_CARRIER, Role.POST_POINT_CLERK})
