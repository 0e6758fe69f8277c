"""What must be true before a step of a feedback item, said in words the person can act on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from danhmuc.models import Agency, User
from hoso.services.errors import Refused
from portal.access import Who
from portal.models import Feedback
from portal.services import masking
from portal.services.feedback import agencies, letters

Facts = dict[str, Any]
Guard = Callable[[Feedback, Who, Facts], None]

#: How long after an answer it may be questioned.
REOPENABLE = timedelta(days=30)
SHORTEST_ANSWER = 20


def _with_reason(what: str | Promise) -> Guard:
    def guard(feedback: Feedback, by: Who, facts: Facts) -> None:
        if len(facts["note"].strip()) < 5:
            raise Refused(str(what))

    return guard


def _competent_agency(feedback: Feedback, by: Who, facts: Facts) -> None:
    to: Agency | None = facts.get("to")
    if to is None or to.pk == feedback.agency_id:
        raise Refused("Chọn cơ quan khác để chuyển đến.")
    if not agencies.with_handlers([to.pk]).exists():
        raise Refused(
            f"{to.name} chưa có người xử lý phản ánh trên hệ thống. Chọn cơ quan cấp trên, hoặc liên hệ quản trị đơn vị đó."
        )


def _works_here(feedback: Feedback, by: Who, facts: Facts) -> None:
    assignee: User | None = facts.get("assignee")
    if assignee is None or assignee not in agencies.workers(feedback.agency):
        raise Refused("Chọn một cán bộ đang làm việc tại cơ quan này.")


def _has_text(feedback: Feedback, by: Who, facts: Facts) -> None:
    if len(str(facts.get("text", "")).strip()) < SHORTEST_ANSWER:
        raise Refused(f"Viết nội dung trả lời, ít nhất {SHORTEST_ANSWER} chữ cái.")


def _fit_to_publish(feedback: Feedback, by: Who, facts: Facts) -> None:
    if not feedback.agrees_to_publish:
        raise Refused("Người gửi không đồng ý công khai nên không đưa lên trang công khai được.")
    for key, what in (("title", "tiêu đề"), ("content", "nội dung"), ("answer", "câu trả lời")):
        text = str(facts.get(key, ""))
        if not text.strip():
            raise Refused(f"Nhập {what} công khai.")
        if left := masking.leftovers(text, public=letters.public_contacts(feedback)):
            raise Refused(
                f"Còn dữ liệu cá nhân trong {what}: {'; '.join(left[:5])}. Xóa hoặc che trước khi công khai."
            )


def _once(feedback: Feedback, by: Who, facts: Facts) -> None:
    if not is_reopenable(feedback, facts["at"]):
        raise Refused(_("Đề nghị xem lại được gửi một lần, trong 30 ngày kể từ ngày trả lời."))


def _not_rated(feedback: Feedback, by: Who, facts: Facts) -> None:
    if feedback.rating:
        raise Refused(_("Ông/bà đã đánh giá câu trả lời này."))


def is_reopenable(feedback: Feedback, now: datetime | None = None) -> bool:
    """Whether the sender may still ask once more."""
    answered = feedback.answered_at
    if feedback.reopened_at is not None or answered is None:
        return False
    return (now or timezone.now()) - answered <= REOPENABLE


def _may_be_public(feedback: Feedback) -> bool:
    return feedback.agrees_to_publish


GUARDS: dict[str, list[Guard]] = {
    "reject": [_with_reason("Nêu lý do không tiếp nhận; người gửi sẽ đọc lý do này.")],
    "ask_info": [_with_reason("Nêu rõ thông tin cần bổ sung.")],
    "forward": [_competent_agency, _with_reason("Nêu lý do chuyển để cơ quan nhận biết vì sao.")],
    "assign": [_works_here],
    "note": [_with_reason("Nhập nội dung ghi chú.")],
    "urge": [_with_reason("Nhập nội dung đôn đốc.")],
    "draft": [_has_text],
    "propose": [_has_text],
    "return_draft": [_with_reason("Nêu điều cần sửa trong dự thảo.")],
    "publish": [_fit_to_publish],
    "unpublish": [_with_reason("Nêu lý do gỡ khỏi trang công khai.")],
    "give_info": [_with_reason(gettext_lazy("Nhập thông tin bổ sung."))],
    "rate": [_not_rated],
    "reopen": [_once, _with_reason(gettext_lazy("Nêu điều ông/bà chưa đồng ý với câu trả lời."))],
}
#: Conditions that hold or not whatever is typed, so that nobody is offered a step that will be refused.
STANDING: dict[str, list[Callable[[Feedback], bool]]] = {
    "publish": [_may_be_public],
    "reopen": [is_reopenable],
    "rate": [lambda feedback: not feedback.rating],
}
