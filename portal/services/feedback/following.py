"""An item in the words of whoever sent it: where it stands, by when, why it is late, what has happened.

Found by its code and what only the sender knows of the contact; a wrong code and a wrong contact get the same answer.
Nothing from inside the agency is told: notes, drafts, who works on it.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.formats import vndate, vndatetime
from danhmuc.services import calendar_for
from danhmuc.worktime import Count, counting_since, describe_left, local_date, working_days_between
from portal.lifecycle import ARRIVED, ENDED, State
from portal.models import Feedback, FeedbackAnswer, FeedbackEvent, FeedbackHolding
from portal.services import limits
from portal.services.feedback import clock
from portal.services.lookup import TooMany, tidy

Item = dict[str, Any]
WINDOW, A_DAY = timedelta(minutes=10), timedelta(days=1)
BY_ADDRESS, BY_CODE, BY_CODE_A_DAY = 30, 8, 60

#: State → (words, level, icon) for the sender.
TAGS: dict[str, tuple[Any, str, str]] = {
    State.NEW: (gettext_lazy("Đã gửi, chờ tiếp nhận"), "info", "clock"),
    State.FORWARDED: (gettext_lazy("Đã chuyển cơ quan có trách nhiệm"), "info", "send"),
    State.ACCEPTED: (gettext_lazy("Đã tiếp nhận"), "info", "clock"),
    State.IN_PROGRESS: (gettext_lazy("Đang xử lý"), "info", "clock"),
    State.TO_SIGN: (gettext_lazy("Đang xử lý"), "info", "clock"),
    State.NEEDS_INFO: (gettext_lazy("Chờ ông/bà bổ sung"), "wait", "pause"),
    State.ANSWERED: (gettext_lazy("Đã trả lời"), "ok", "check-circle"),
    State.PUBLISHED: (gettext_lazy("Đã trả lời"), "ok", "check-circle"),
    State.REJECTED: (gettext_lazy("Không tiếp nhận"), "late", "no-entry"),
    State.NOT_FEEDBACK: (gettext_lazy("Đã hướng dẫn nơi giải quyết"), "off", "info"),
}
#: What the sender may read of history; the rest is the office's.
TOLD: dict[str, Any] = {
    "submit": gettext_lazy("Đã gửi"),
    "accept": gettext_lazy("Cơ quan đã tiếp nhận"),
    "reject": gettext_lazy("Cơ quan không tiếp nhận"),
    "guide_elsewhere": gettext_lazy("Đã hướng dẫn nơi giải quyết khiếu nại, tố cáo"),
    "ask_info": gettext_lazy("Cơ quan hỏi thêm thông tin"),
    "give_info": gettext_lazy("Ông/bà đã bổ sung thông tin"),
    "forward": gettext_lazy("Đã chuyển cơ quan khác có trách nhiệm trả lời"),
    "urge": gettext_lazy("Cơ quan giám sát đã đôn đốc"),
    "sign": gettext_lazy("Đã có văn bản trả lời"),
    "publish": gettext_lazy("Đã công khai, không kèm họ tên và liên hệ"),
    "unpublish": gettext_lazy("Đã gỡ khỏi trang công khai"),
    "rate": gettext_lazy("Ông/bà đã đánh giá câu trả lời"),
    "reopen": gettext_lazy("Ông/bà đề nghị xem lại"),
}
#: Steps whose words are for the sender.
_WITH_WORDS = frozenset({"reject", "guide_elsewhere", "ask_info", "give_info", "reopen"})


def find(code: str, contact: str, *, address: str) -> Feedback | None:
    """The item, or None for a wrong code or a wrong contact alike. Raises TooMany.

    `contact` is the last four digits of the telephone, or the e-mail address.
    """
    wanted = tidy(code)
    bounds = (
        (f"phan-anh:xem:ip:{address}", WINDOW, BY_ADDRESS),
        (f"phan-anh:xem:{wanted}", WINDOW, BY_CODE),
        (f"phan-anh:xem:ngay:{wanted}", A_DAY, BY_CODE_A_DAY),
    )
    if any(
        [limits.count(key, within) > most for key, within, most in bounds]
    ):  # all are counted, then judged
        raise TooMany
    feedback = Feedback.objects.exclude(state=State.UNCONFIRMED).filter(code=wanted).first()
    if feedback is None or not _knows(feedback, contact):
        return None
    for key, _within, _most in bounds:  # a right answer is no guess
        limits.forgive(key)
    return feedback


def _knows(feedback: Feedback, contact: str) -> bool:
    typed = "".join(contact.split())
    if "@" in typed:
        return bool(feedback.email) and typed.casefold() == feedback.email.casefold()
    return bool(re.fullmatch(r"\d{4}", typed, re.ASCII)) and feedback.phone[-4:] == typed


def tag(feedback: Feedback, now: datetime | None = None) -> list[Item]:
    """The state in a few words, and that it is late when it is."""
    text, level, icon = TAGS[feedback.state]
    found: list[Item] = [{"text": text, "level": level, "icon": icon}]
    if is_late(feedback, now or timezone.now()):
        found.append({"text": _("Quá hạn"), "level": "late", "icon": "triangle"})
    return found


def is_late(feedback: Feedback, now: datetime) -> bool:
    """Past the day of the reply; while the sender is asked nobody else is late."""
    if feedback.state in ENDED or feedback.state == State.NEEDS_INFO or feedback.due_at is None:
        return False
    return local_date(now) > local_date(feedback.due_at)


def clocks(feedback: Feedback, events: list[FeedbackEvent], now: datetime, *, paused: str = "") -> list[Item]:
    """What components/clock.html takes: the province's five days, and the national system's fifteen when it sent it.

    `paused` are the words for a clock that waits for the sender; by default those for the sender.
    """
    if feedback.received_at is None or feedback.due_at is None:
        return []
    receipt = FeedbackHolding.objects.get(feedback=feedback, agency=feedback.agency).received_at
    end = feedback.finished_at or now
    found = [
        _clock(
            feedback, clock.provincial(feedback, events, receipt, end), clock.start_of(feedback, receipt), clock.REPLY,
            _("Thời hạn của tỉnh"), end, now, events, paused,
        )
    ]  # fmt: skip
    if feedback.is_from_nation:
        found.append(
            _clock(
                feedback, clock.national(feedback, events, end), clock.start_of(feedback, feedback.received_at),
                clock.NATIONAL_REPLY, _("Thời hạn của hệ thống quốc gia"), end, now, events, paused,
            )
        )  # fmt: skip
    return found


def _clock(
    feedback: Feedback,
    count: Count,
    start: datetime,
    days: int,
    name: str,
    end: datetime,
    now: datetime,
    events: list[FeedbackEvent],
    paused: str,
) -> Item:
    calendar = calendar_for(feedback.agency, now)
    waited = sum(
        working_days_between(calendar, max(wait.since, start), min(wait.until or end, end))
        for wait in clock.pauses(events)
        if (wait.until or end) > start
    )
    used = max(0, working_days_between(calendar, start, end) - waited)
    left: Item | None = None
    level = "info"
    if feedback.finished_at is not None:
        level = "late" if local_date(end) > local_date(count.due) else "ok"
    elif feedback.state == State.NEEDS_INFO:
        level = "wait"
    else:
        remaining = describe_left(calendar, counting_since(count.lines, now), count.due)
        left, level = {"text": remaining.text, "level": remaining.level}, remaining.level
    title = _("%(name)s: đã dùng %(used)d trên %(days)d ngày làm việc") % {
        "name": name, "used": used, "days": days,
    }  # fmt: skip
    note = _("Hạn trả lời: %(due)s.") % {"due": vndatetime(count.due)}
    if feedback.state == State.NEEDS_INFO:
        note = paused or _("Đang tạm dừng, chờ ông/bà bổ sung; những ngày chờ không tính vào thời hạn.")
    return {
        "title": title,
        "percent": min(100, used * 100 // days),
        "level": level,
        "left": left,
        "note": note,
        "lines": count.lines,
    }


def why_late(feedback: Feedback, events: list[FeedbackEvent], now: datetime) -> str:
    """What holds it up, in a sentence; empty while it is in time."""
    if not is_late(feedback, now):
        return ""
    assert feedback.due_at is not None
    late = working_days_between(calendar_for(feedback.agency, now), feedback.due_at, now)
    days = ngettext("%(n)d ngày làm việc", "%(n)d ngày làm việc", late) % {"n": late}
    facts = {"agency": feedback.agency.name, "days": days}
    if feedback.state in ARRIVED:
        text = _("%(agency)s chưa tiếp nhận, đã quá hạn trả lời %(days)s.") % facts
    elif feedback.state == State.TO_SIGN:
        text = (
            _("%(agency)s đã soạn câu trả lời, đang chờ người có thẩm quyền ký; đã quá hạn %(days)s.") % facts
        )
    else:
        text = _("%(agency)s đang xác minh, chưa có câu trả lời; đã quá hạn %(days)s.") % facts
    urged = next((event for event in reversed(events) if event.name == "urge"), None)
    if urged is not None:
        text += " " + _("Cơ quan giám sát đã đôn đốc ngày %(day)s.") % {"day": vndate(urged.at)}
    return text


def history(feedback: Feedback, events: list[FeedbackEvent]) -> list[Item]:
    """What components/timeline.html takes, newest first."""
    told = [event for event in events if event.name in TOLD]
    rows: list[Item] = []
    for event in reversed(told):
        text = event.note if event.name in _WITH_WORDS else ""
        if event.name == "forward":
            text = str(event.data.get("to_name", ""))
        elif event.name == "accept":
            text = event.agency.name
        elif event.name == "sign":
            text = _("Số %(number)s") % {"number": event.data.get("number", "")}
        rows.append({"at": event.at, "title": TOLD[event.name], "text": text})
    if rows and feedback.state not in ENDED:
        rows[0] |= {"now": True, "level": TAGS[feedback.state][1]}
    return rows


def answers(feedback: Feedback) -> list[FeedbackAnswer]:
    """Signed answers, newest first."""
    return list(feedback.answers.filter(signed_at__isnull=False).select_related("signed_by").order_by("-seq"))
