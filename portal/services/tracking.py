"""A dossier in the words of the person who waits for it: whose turn it is, which date matters, what has happened.

Nothing from inside the office is told: notes between officers, who works on it, opinions asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.formats import phone, vndate, vndatetime
from config.ui import retold, sentence, vi
from danhmuc.services import CARRIAGE_DAYS, calendar_for, distance_between
from danhmuc.worktime import add_working_days, counting_since, describe_left
from hoso.models import Amendment, Dossier, Event, State, Supplement
from hoso.services import clocks, expiry, preparing
from hoso.services.law import Law

Item = dict[str, Any]
Words = str | Promise
ReturnBy, PapersBy, PaperCheck = Dossier.ReturnBy, Dossier.PapersBy, Dossier.PaperCheck

#: State → (words, level, icon); the design guide's table of states.
TAGS: dict[str, tuple[Words, str, str]] = {
    State.DRAFT: (gettext_lazy("Nháp, chưa nộp"), "off", ""),
    State.SUBMITTED: (gettext_lazy("Chờ tiếp nhận"), "info", "clock"),
    State.INTAKE_HOLD: (gettext_lazy("Chờ ông/bà bổ sung"), "wait", "pause"),
    State.REFUSED_INTAKE: (gettext_lazy("Không tiếp nhận"), "late", "no-entry"),
    State.PROCESSING: (gettext_lazy("Đang giải quyết"), "info", "clock"),
    State.ON_HOLD: (gettext_lazy("Chờ ông/bà bổ sung"), "wait", "pause"),
    State.DECIDED: (gettext_lazy("Đã có kết quả"), "ok", "check-circle"),
    State.COMPLETED: (gettext_lazy("Đã trả kết quả"), "ok", "check-circle"),
    State.WITHDRAWN: (gettext_lazy("Đã rút hồ sơ"), "off", ""),
    State.CLOSED: (gettext_lazy("Đã đóng hồ sơ"), "off", ""),
    State.VOIDED: (gettext_lazy("Đã hủy"), "off", ""),
}


NEWS: Item = {"text": gettext_lazy("Có thông báo mới"), "level": "soon", "icon": "bell"}


def is_late(dossier: Dossier, now: datetime) -> bool:
    """Past the promised date (C7: days by their date, hours by the minute); a paused clock cannot be late."""
    if dossier.state != State.PROCESSING or dossier.due_at is None:
        return False
    if dossier.version.time_unit == "working_hour":
        return now > dossier.due_at
    return timezone.localdate(now) > timezone.localdate(dossier.due_at)


def tags(dossier: Dossier, *, answered: bool = False) -> list[Item]:
    """The state in one to three words, and what else must be seen at once."""
    text: Words
    text, level, icon = TAGS[dossier.state]
    if dossier.state == State.ON_HOLD and not dossier.is_supplement_hold:
        text = _("Chờ ông/bà nộp tiền")
    elif dossier.state == State.ON_HOLD and answered:
        text, level, icon = _("Đã gửi bổ sung, chờ kiểm tra"), "info", "clock"
    elif dossier.outcome == "refused" and dossier.state in {State.DECIDED, State.COMPLETED}:
        text, level, icon = _("%(text)s: từ chối giải quyết") % {"text": text}, "late", "no-entry"
    found: list[Item] = [{"text": text, "level": level, "icon": icon}]
    if is_late(dossier, timezone.now()):
        found.append({"text": _("Quá hạn"), "level": "late", "icon": "triangle"})
    if dossier.return_by == ReturnBy.POST and dossier.state not in {State.DRAFT, State.COMPLETED}:
        found.append({"text": _("Trả tại nhà"), "level": "off", "icon": "mail"})
    return found


def ticket(
    dossier: Dossier,
    *,
    url: str = "",
    heading: int = 2,
    answered: bool = False,
    unread: bool = False,
    owes: bool = False,
) -> Item:
    """What components/ticket.html takes. `owes`: fees are still to be paid, where that is known."""
    level, stub = _stub(dossier, answered)
    meta = [vi(dossier.resolving_agency.name)]
    if dossier.accepted_at:
        meta.append(_("Tiếp nhận %(accepted_at)s") % {"accepted_at": vndate(dossier.accepted_at)})
    elif dossier.submitted_at:
        meta.append(_("Nộp %(submitted_at)s") % {"submitted_at": vndate(dossier.submitted_at)})
    if dossier.organisation is not None:
        meta.insert(0, sentence(_("Nộp cho %(name)s"), name=dossier.organisation.full_name))
    return {
        "title": vi(dossier.version.name),
        "url": url,
        "code": "" if dossier.state == State.DRAFT else dossier.public_code,
        "heading": heading,
        "tags": tags(dossier, answered=answered) + ([NEWS] if unread else []),
        "meta": [*meta, turn(dossier, answered, owes)],
        "level": level,
        "stub": stub,
    }


def _stub(dossier: Dossier, answered: bool) -> tuple[str, Item]:
    state = dossier.state
    ways = {ReturnBy.POST: _("tại nhà"), ReturnBy.ELECTRONIC: _("bản điện tử trên Cổng")}
    where = ways.get(ReturnBy(dossier.return_by), _("tại Bộ phận Một cửa"))
    if state == State.DRAFT:
        lines = [
            _("Đã lưu, chưa nộp"),
            _("Giữ đến %(dossier)s") % {"dossier": vndate(expiry.kept_until(dossier))},
        ]
        return "off", {"label": _("Lưu lần cuối"), "on": dossier.updated_at, "lines": lines}
    if state == State.SUBMITTED and dossier.intake_due_at is None:
        return "wait", {"label": _("Chờ nộp phí"), "on": None, "lines": [_("Thời gian kiểm tra chưa tính")]}
    if state == State.SUBMITTED:
        at = _("Muộn nhất %(intake_due_at)s") % {"intake_due_at": vndatetime(dossier.intake_due_at)}
        return "info", {"label": _("Trả lời trước"), "on": dossier.intake_due_at, "lines": [at]}
    if state in {State.INTAKE_HOLD, State.ON_HOLD} and dossier.wait_until and not answered:
        lines = (
            [_("Thời hạn giải quyết tạm dừng")]
            if dossier.accepted_at
            else [_("Chưa tính thời hạn giải quyết")]
        )
        return "wait", {"label": _("Bổ sung trước"), "on": dossier.wait_until, "lines": lines}
    if state == State.ON_HOLD:
        return "wait", {
            "label": _("Hẹn trả"),
            "on": dossier.due_at,
            "lines": [_("Đang tạm dừng, sẽ tính lại")],
        }
    if state == State.PROCESSING:
        late = is_late(dossier, timezone.now())
        lines = [f"{vndatetime(dossier.due_at)}", where]
        return ("late" if late else "ok"), {"label": _("Hẹn trả"), "on": dossier.due_at, "lines": lines}
    came = "late" if dossier.outcome == "refused" else "ok"
    if state == State.DECIDED:
        way = {ReturnBy.POST: _("Bưu điện phát tận nơi"), ReturnBy.ELECTRONIC: _("Chờ trả bản điện tử")}
        lines = [way.get(ReturnBy(dossier.return_by), vi(dossier.desk.agency.name))]
        return came, {"label": _("Có kết quả"), "on": dossier.decided_at, "lines": lines}
    if state == State.COMPLETED:
        return came, {"label": _("Đã trả"), "on": dossier.completed_at, "lines": [where]}
    ended = dossier.finished_at or dossier.updated_at
    return ("late" if state == State.REFUSED_INTAKE else "off"), {
        "label": _("Kết thúc"),
        "on": ended,
        "lines": [],
    }


def turn(dossier: Dossier, answered: bool = False, owes: bool = False) -> str:
    """Whose turn it is, in one sentence."""
    state = dossier.state
    if owes and state == State.PROCESSING:
        return _("Cơ quan đang giải quyết; ông/bà còn phí, lệ phí phải nộp.")
    if owes and state == State.DECIDED and dossier.return_by == ReturnBy.ELECTRONIC:
        return _("Đang chờ ông/bà nộp phí, lệ phí; nộp xong thì bản điện tử được trả ngay.")
    if state == State.DRAFT:
        return _("Ông/bà chưa nộp hồ sơ này.")
    if state == State.SUBMITTED and dossier.intake_due_at is None:
        return _("Đang chờ ông/bà nộp phí, lệ phí.")
    if state == State.SUBMITTED:
        return _("Đang chờ Bộ phận Một cửa kiểm tra, ông/bà chưa phải làm gì.")
    if state in {State.INTAKE_HOLD, State.ON_HOLD} and not answered:
        return _("Đang chờ ông/bà.")
    if state == State.ON_HOLD:
        return _("Đang chờ Bộ phận Một cửa kiểm tra giấy tờ ông/bà đã gửi.")
    if state == State.PROCESSING and dossier.paper_check == PaperCheck.AWAITING_PAPER:
        return (
            _("Cơ quan đang giải quyết; bưu điện sẽ đến nhận bản giấy.")
            if dossier.papers_by == PapersBy.POST
            else _("Cơ quan đang giải quyết; ông/bà nhớ nộp bản giấy để đối chiếu.")
        )
    if state == State.PROCESSING:
        return _("Cơ quan đang giải quyết, ông/bà chưa phải làm gì.")
    if state == State.DECIDED:
        return {
            ReturnBy.POST: _("Bưu điện sẽ phát kết quả đến tận nơi."),
            ReturnBy.ELECTRONIC: _("Bộ phận Một cửa sẽ gửi kết quả điện tử."),
        }.get(
            ReturnBy(dossier.return_by), _("Mời ông/bà mang giấy hẹn và căn cước công dân đến nhận kết quả.")
        )
    return {
        State.COMPLETED: _("Hồ sơ đã xong."),
        State.REFUSED_INTAKE: _("Hồ sơ không được tiếp nhận; xem lý do ở dưới."),
        State.WITHDRAWN: _("Ông/bà đã rút hồ sơ."),
        State.CLOSED: _("Hồ sơ đã đóng vì hết thời hạn bổ sung."),
    }.get(State(state), _("Hồ sơ đã kết thúc."))


def steps(dossier: Dossier, *, dated: bool = True, answered: bool = False) -> list[Item]:
    """The stages of the way, for components/steps.html. Without `dated` nothing but names and where it stands.

    `answered`: what was asked of the applicant has been sent and waits for the desk.
    """
    stages: list[tuple[str, datetime | None]] = []
    online = dossier.channel == Dossier.Channel.ONLINE
    stages.append((_("Nộp trực tuyến") if online else _("Nộp hồ sơ"), dossier.submitted_at))
    stages.append((_("Tiếp nhận"), dossier.accepted_at))
    originals = _("Bưu điện nhận bản giấy") if dossier.papers_by == PapersBy.POST else _("Nộp bản giấy")
    # What came to the desk on paper is there already; nothing of it is still to be brought.
    to_bring = online and dossier.papers_by != PapersBy.NONE
    if dossier.paper_check != PaperCheck.NOT_REQUIRED or to_bring:
        arrived = dossier.paper_check not in {PaperCheck.NOT_REQUIRED, PaperCheck.AWAITING_PAPER}
        stages.append((originals, dossier.accepted_at if arrived else None))
    stages.append((_("Giải quyết"), dossier.decided_at))
    home = dossier.return_by == ReturnBy.POST
    stages.append((_("Trả kết quả tại nhà") if home else _("Trả kết quả"), dossier.completed_at))
    waiting = dossier.state in {State.ON_HOLD, State.INTAKE_HOLD} and not answered
    found: list[Item] = []
    ended = dossier.state in {State.REFUSED_INTAKE, State.WITHDRAWN, State.CLOSED, State.VOIDED}
    current = False
    for name, at in stages:
        item: Item = {"title": name, "note": "", "state": "done" if at else "todo", "level": ""}
        paper = name == originals
        if dated and at and not paper:
            item["note"] = vndatetime(at)
        if not at and not current and not ended and dossier.state != State.DRAFT:
            # Papers travel while the agency works: both are under way, one is told as the current step.
            if paper and dossier.accepted_at:
                item["note"] = _("Đang chờ") if dated else ""
            else:
                current = True
                item |= {"state": "current", "level": "wait" if waiting else "info"}
                if waiting:
                    item["note"] = _("Đang chờ ông/bà")
        found.append(item)
    if ended:  # the rest of the way is not gone any more
        at = dossier.finished_at or dossier.updated_at
        last = {"title": TAGS[dossier.state][0], "note": vndatetime(at) if dated else "", "level": ""}
        found = [item for item in found if item["state"] == "done"] + [last | {"state": "ended"}]
    return found


def degree(dossier: Dossier) -> str:
    """How far it is: "Bước 2 trên 4: Giải quyết"."""
    stages = steps(dossier, dated=False)
    for number, stage in enumerate(stages, start=1):
        if stage["state"] == "current":
            title = stage["title"][0].lower() + stage["title"][1:]
            return _("Bước %(number)s trên %(stages)s: %(title)s") % {
                "number": number,
                "stages": len(stages),
                "title": title,
            }
    return str(TAGS[dossier.state][0])


# -- Clock -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clock:
    """What components/clock.html takes."""

    title: str
    percent: int
    level: str
    left: Any
    note: str
    lines: Sequence[Any]


def clock(dossier: Dossier, events: Sequence[Event]) -> Clock | None:
    """The running, paused or finished clock with how each day was counted; None before acceptance."""
    if dossier.accepted_at is None or dossier.due_at is None:
        return None
    now, law = timezone.now(), Law()
    found = clocks.explain(dossier, events, at=now, law=law, now=now)
    left: Any = None
    level = "info"
    note = _("Tính từ %(accepted_at)s. Ngày nghỉ và thời gian chờ bổ sung không tính vào thời hạn.") % {
        "accepted_at": vndatetime(dossier.accepted_at)
    }
    if dossier.state == State.PROCESSING:
        since = counting_since(found.lines, now)
        left = describe_left(
            law.working_calendar(dossier, now), since, dossier.due_at, unit=clocks.limit_of(dossier).unit
        )
        level = left.level
    elif dossier.state == State.ON_HOLD:
        left, level = {"text": _("Đang tạm dừng"), "level": "wait"}, "wait"
    elif dossier.state in {State.WITHDRAWN, State.CLOSED, State.VOIDED}:
        left, level = {"text": _("Đã dừng"), "level": "off"}, "off"
    elif dossier.timeliness:
        words = {"EARLY": _("Xong trước hạn"), "ON_TIME": _("Xong đúng hạn"), "OVERDUE": _("Xong quá hạn")}
        level = "late" if dossier.timeliness == "OVERDUE" else "ok"
        left = {"text": words[dossier.timeliness], "level": level}
    return Clock(retold(found.used_text), found.percent, level, left, note, found.lines)


def may_amend(dossier: Dossier) -> bool:
    """Whether the applicant can still change the form or the papers, or ask for a change."""
    if dossier.state not in preparing.AMENDABLE:
        return False
    return bool(dossier.version.eform.get("sections")) or dossier.version.components.exists()


def waiting_amendment(dossier: Dossier) -> Amendment | None:
    """The change asked for that the desk has not answered."""
    return dossier.amendments.filter(status=Amendment.Status.WAITING).first()


def open_request(dossier: Dossier) -> Supplement | None:
    """The request that waits for the applicant or for the desk's check of the answer."""
    return (
        dossier.supplements.filter(status__in=["sent", "answered"])
        .prefetch_related("items__component", "items__document")
        .order_by("-seq")
        .first()
    )


def desk_contact(dossier: Dossier) -> str:
    """Where to ask."""
    number = dossier.desk.agency.phone
    return f"{dossier.desk.agency.name}{f', {phone(number)}' if number else ''}"


def dates(dossier: Dossier) -> list[Item]:
    """The dates people ask for: filed, accepted, promised (or done), and when the post would bring the result."""
    found: list[Item] = [
        {"label": _("Nộp"), "at": dossier.submitted_at},
        {"label": _("Tiếp nhận"), "at": dossier.accepted_at},
        {"label": _("Hẹn trả"), "at": dossier.due_at},
    ]
    if dossier.completed_at:
        found[2] = {"label": _("Đã trả"), "at": dossier.completed_at}
    elif day := expected_delivery(dossier):
        found.append({"label": _("Dự kiến bưu điện phát, muộn nhất"), "on": day})
    return found if dossier.is_open else [item for item in found if item["at"]]


def expected_delivery(dossier: Dossier) -> date | None:
    """The last day on which the post should try to deliver: J + n working days after the result leaves (TT17 Art 7).

    Postal time stands outside the time of the agency. None when nothing is promised, or the clock stands still.
    """
    choice = getattr(dossier, "postal", None)
    ready = dossier.decided_at or (dossier.due_at if dossier.state == State.PROCESSING else None)
    if dossier.return_by != ReturnBy.POST or choice is None or ready is None or not dossier.is_open:
        return None
    leaves = timezone.localdate(max(choice.result_taken_at or ready, ready))
    far = distance_between(choice.delivery_place, dossier.desk.serves.place)
    return add_working_days(calendar_for(dossier.desk.agency), leaves, CARRIAGE_DAYS[far])


def holder(dossier: Dossier) -> str:
    """Which office has it now, down to the division; never who works on it."""
    if dossier.state in {State.SUBMITTED, State.INTAKE_HOLD} or dossier.holder_agency is None:
        return dossier.desk.agency.name if dossier.is_open else ""
    return dossier.holder_agency.name if dossier.is_open else ""


def lateness(dossier: Dossier, events: Sequence[Event]) -> Item | None:
    """Why it is late or was put off, in plain words, with the apology and the new date (NĐ118 19.6, 12.5)."""
    late = is_late(dossier, timezone.now())
    put_off = next((event for event in reversed(events) if event.name == "extend"), None)
    if not dossier.is_open or not (late or put_off) or dossier.decided_at:
        return None
    told = {
        "late": late,
        "reason": put_off.note if put_off else "",
        "until": dossier.due_at if put_off and not late else None,
    }
    if late:
        told["title"] = _("Hồ sơ quá ngày hẹn trả. Cơ quan giải quyết xin lỗi ông/bà.")
    else:
        told["title"] = _("Cơ quan xin lỗi và hẹn lại ngày trả.")
    return told


#: Steps that end a dossier with a reason for the applicant.
_ENDINGS = {"refuse_intake", "close_unsupplemented", "void", "decide"}


def ending(dossier: Dossier, events: Sequence[Event]) -> Item | None:
    """Why it ended without what was asked for, and what can be done now; None when there is nothing to explain.

    A refusal is a result like any other: its paper is told with it.
    """
    refused = dossier.outcome == "refused" and dossier.state == State.COMPLETED
    titles = {
        State.REFUSED_INTAKE: _("Hồ sơ không được tiếp nhận"),
        State.CLOSED: _("Hồ sơ đã đóng vì hết thời hạn bổ sung"),
        State.VOIDED: _("Hồ sơ đã hủy do nhập sai"),
    }
    title = _("Cơ quan từ chối giải quyết hồ sơ") if refused else titles.get(State(dossier.state))
    if title is None:
        return None
    at_intake = dossier.state == State.REFUSED_INTAKE
    last = next((e for e in reversed(events) if e.name in _ENDINGS), None)
    reason = last.note if last else ""
    if (
        last and last.name == "close_unsupplemented"
    ):  # the office's note; the title of a closed one says it already
        reason = _("Hết thời hạn mà chưa nhận được giấy tờ bổ sung.") if at_intake else ""
    return {
        "title": title,
        "level": "late" if refused or at_intake else "off",
        "reason": reason,
        "anew": dossier.state != State.VOIDED,
    }


#: Messages that are no step of the dossier, by template: what the post tells on its way.
