"""People who handle feedback in the world of the tests, and an item that has gone so far."""

from typing import Any
from uuid import uuid4

from danhmuc.models import User
from danhmuc.roles import Role
from portal.access import SENDER
from portal.models import Feedback
from portal.services.feedback import intake
from portal.services.feedback.door import advance
from tests.factories import World, officer

WORDS = "Tôi nộp hồ sơ ngày 05/10 tại phường nhưng đến hôm nay chưa ai trả lời. Đề nghị cơ quan kiểm tra giúp tôi."
ANSWER = "Ủy ban nhân dân phường đã kiểm tra. Hồ sơ của bà bị chậm 02 ngày làm việc do cán bộ nghỉ ốm; đã trả kết quả ngày 09/10."


def staff(w: World) -> World:
    """Handlers at the commune, its neighbour and the province, and who signs at the department."""
    w.more |= {
        "handler": officer("Nguyễn Thu Trang", Role.FEEDBACK_HANDLER, w.commune),
        "second": officer("Hà Văn Lực", Role.FEEDBACK_HANDLER, w.commune),
        "other_handler": officer("Đinh Văn Thông", Role.FEEDBACK_HANDLER, w.other_commune),
        "triage": officer("Lưu Thị Nga", Role.FEEDBACK_HANDLER, w.province),
        "department_handler": officer("Tạ Quang Huy", Role.FEEDBACK_HANDLER, w.department),
    }
    return w


def words(w: World, **more: Any) -> intake.Words:
    """What the citizen of the world writes to the commune."""
    values: dict[str, Any] = {
        "kind": Feedback.Kind.BEHAVIOUR,
        "content": WORDS,
        "sender_name": w.citizen.full_name,
        "phone": w.citizen.phone,
        "email": w.citizen.email,
        "agency": w.commune,
        "agrees_to_publish": True,
    }
    return intake.Words(**(values | more))


def sent(w: World, *, sender: User | None = None, at: Any = None, **more: Any) -> Feedback:
    """An item on its way to the commune, sent by the citizen."""
    return intake.send(words(w, **more), once=uuid4(), sender=sender or w.citizen, at=at)


#: The straight way: step, who, facts.
STRAIGHT: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("accept", "handler", {"kind": "behaviour"}),
    ("assign", "handler", {"assignee": "case_officer"}),
    ("propose", "case_officer", {"text": ANSWER}),
    ("sign", "approver", {}),
    (
        "publish",
        "handler",
        {
            "title": "Hồ sơ chậm trả lời",
            "content": "Nộp hồ sơ mà chưa có trả lời.",
            "answer": "Đã trả kết quả.",
        },
    ),
)


def take(w: World, feedback: Feedback, name: str, who: str, **facts: Any) -> Feedback:
    """One step by a person of the world, or by the sender."""
    by = SENDER if who == SENDER else (w.more.get(who) or getattr(w, who))
    if isinstance(facts.get("assignee"), str):
        facts["assignee"] = getattr(w, facts["assignee"])
    return advance(feedback.pk, name, by=by, **facts)


def walked(w: World, until: str, feedback: Feedback | None = None, **more: Any) -> Feedback:
    """An item that went the straight way until the step named was taken."""
    item = feedback or sent(w, **more)
    for name, who, facts in STRAIGHT if until != "submit" else ():
        item = take(w, item, name, who, **facts)
        if name == until:
            break
    return item
