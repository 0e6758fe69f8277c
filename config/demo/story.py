"""What happens to one dossier: a story told step by step, in proportions like those of a real province.

A story yields (moment, step, who, facts); the simulator takes the step through the real rules when its moment has
come and lets the story go on. Whatever lies after the present simply has not happened yet.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from buuchinh.services.handovers import record_number
from config.demo.cast import Cast, Office
from config.demo.money import give_back, pay_twice
from config.demo.post import tracking_number
from danhmuc.models import User
from danhmuc.roles import Role
from danhmuc.worktime import TZ, WorkCalendar, count_hours, local
from hoso.models import Dossier
from hoso.services.case import Case
from hoso.services.clocks import last_day_to_extend
from hoso.services.paper_guards import is_held
from hoso.services.routes import version_parts

Moment = tuple[datetime, str, User, dict[str, Any]]

#: Shares of dossiers to which something happens; every figure is per dossier received.
ONLINE, BY_POST = 0.56, 0.05
ASKED_AT_INTAKE, ANSWERED_AT_INTAKE = 0.06, 0.85
REFUSED_AT_INTAKE, WITHDRAWN_AT_INTAKE = 0.025, 0.01
SUPPLEMENT, SUPPLEMENT_ANSWERED = 0.05, 0.84
CONSULTED, EXTENDED, WITHDRAWN, VOIDED = 0.04, 0.006, 0.008, 0.001
PAID_TWICE = 0.02
LATE, REFUSED_RESULT, RETURNED_A_STEP = 0.045, 0.02, 0.02
SLOW_INTAKE, PAPERS_DIFFER, DELIVERY_FAILED = 0.03, 0.01, 0.05

REASONS_REFUSED = (
    "Thủ tục không thuộc thẩm quyền giải quyết của cơ quan; đề nghị nộp tại cơ quan nêu trong hướng dẫn.",
    "Hồ sơ đã được giải quyết ở lần nộp trước, kết quả đang còn hiệu lực.",
    "Người nộp không phải là người có quyền yêu cầu theo quy định của thủ tục.",
)
ITEMS = (
    ("unreadable", "Ảnh mờ, không đọc được số và ngày cấp. Chụp lại đủ bốn góc, nơi đủ sáng."),
    ("missing", "Chưa có giấy tờ này. Nộp bản chụp từ bản chính."),
    ("unsigned", "Thiếu chữ ký của người khai ở trang cuối. Ký và ghi rõ họ tên rồi chụp lại."),
    ("inconsistent", "Họ tên trên giấy tờ khác tờ khai. Nộp thêm giấy tờ chứng minh hoặc sửa tờ khai."),
    ("expired", "Giấy tờ hết thời hạn sử dụng. Nộp bản còn giá trị."),
)


NEVER = datetime.max.replace(tzinfo=TZ)


@dataclass
class Scene:
    """What a story needs to know of its surroundings."""

    cast: Cast
    office: Office
    calendar: WorkCalendar
    rng: Random
    part: int
    papers_at: datetime = NEVER

    def after(self, start: datetime, low: float, high: float) -> datetime:
        """A moment between `low` and `high` working hours after `start`."""
        hours = self.rng.uniform(low, high)
        due = count_hours(self.calendar, local(start), timedelta(seconds=round(hours * 3600))).due
        return due - timedelta(seconds=1) if due > start + timedelta(seconds=2) else due

    def working(self, moment: datetime) -> datetime:
        """The moment itself when offices work, else a little after they open again."""
        if self.calendar.is_working_instant(moment):
            return moment
        opened = self.calendar.next_working_instant(moment)
        return opened + timedelta(minutes=self.rng.uniform(1, 90))

    def chance(self, share: float) -> bool:
        """Whether something that befalls this share of dossiers befalls this one."""
        return self.rng.random() < share


def tell(case: Case, scene: Scene, start: datetime) -> Iterator[Moment]:
    """The whole life of a dossier from its filing on, and where its money went when it ended early."""
    yield from _life(case, scene, start)
    yield from give_back(case, scene)


def _life(case: Case, scene: Scene, start: datetime) -> Iterator[Moment]:
    dossier, rng, office = case.dossier, scene.rng, scene.office
    officer = office.one(Role.DESK_OFFICER, rng)
    at = start
    if dossier.channel == Dossier.Channel.ONLINE:
        assert dossier.applicant is not None
        yield at, "submit", dossier.applicant, {}
        if any(c.stage == "before_intake" for c in case.due_charges):
            at += timedelta(minutes=rng.uniform(2, 300))
            yield at, "record_payment", scene.cast.system, _payment(case, "online")
            if scene.chance(PAID_TWICE):
                yield pay_twice(case, scene, at + timedelta(minutes=3))
        at = scene.after(at, 6.5, 14) if scene.chance(SLOW_INTAKE) else scene.after(at, 0.3, 7)
    fate = rng.random()
    if fate < REFUSED_AT_INTAKE:
        yield at, "refuse_intake", officer, {"note": rng.choice(REASONS_REFUSED)}
        return
    if fate < REFUSED_AT_INTAKE + ASKED_AT_INTAKE:
        yield (
            at,
            "ask_completion",
            officer,
            {"items": _items(case, rng), "phone_call_note": "Đã gọi, người nộp nghe máy"},
        )
        if dossier.applicant is None or not scene.chance(ANSWERED_AT_INTAKE):
            assert dossier.wait_until is not None
            closing = scene.working(dossier.wait_until + timedelta(hours=8))
            yield closing, "close_unsupplemented", officer, {"note": "Quá thời hạn hoàn thiện hồ sơ"}
            return
        at += timedelta(hours=rng.uniform(2, 140))
        answers = {item.order: {"text": "Đã nộp lại giấy tờ theo hướng dẫn"} for item in case.items}
        yield at, "resubmit", dossier.applicant, {"answers": answers}
        at = scene.after(at, 0.3, 6)
    elif (
        fate < REFUSED_AT_INTAKE + ASKED_AT_INTAKE + WITHDRAWN_AT_INTAKE
        and dossier.channel == Dossier.Channel.ONLINE
    ):
        assert dossier.applicant is not None
        yield at, "withdraw", dossier.applicant, {"note": "Nộp nhầm thủ tục"}
        return
    facts: dict[str, Any] = {"eid_checked": True}
    if dossier.channel == Dossier.Channel.POST:
        facts |= {"count_complete": True, "record_no": record_number(case.series, dossier.desk_id, at)}
    yield at, "accept", officer, facts
    scene.papers_at = scene.working(at + timedelta(hours=rng.uniform(16, 84)))
    yield from _beside(_papers(case, scene, officer), _resolve(case, scene, officer))


def _beside(papers: Iterator[Moment], work: Iterator[Moment]) -> Iterator[Moment]:
    """Papers travel while officers work: whichever comes first happens first, and with the work all ends."""
    paper = next(papers, None)
    for moment in work:
        while paper is not None and paper[0] <= moment[0]:
            yield paper
            paper = next(papers, None)
        yield moment


def _papers(case: Case, scene: Scene, officer: User) -> Iterator[Moment]:
    """Originals reach the desk some days after acceptance and are compared with the e-copy."""
    dossier, rng = case.dossier, scene.rng
    if dossier.paper_check != Dossier.PaperCheck.AWAITING_PAPER:
        return
    at = scene.papers_at
    names = [d.title for d in case.current_documents if d.kind == "upload"]
    facts: dict[str, Any] = {"papers": names}
    if dossier.papers_by == Dossier.PapersBy.POST:
        facts["record_no"] = record_number(case.series, dossier.desk_id, at)
    yield at, "receive_papers", officer, facts
    differs = scene.chance(PAPERS_DIFFER)
    items = [
        {"name": n, "matches": not (differs and i == 0), "note": ""}
        for i, n in enumerate(names or ["Tờ khai"])
    ]
    at += timedelta(minutes=rng.uniform(3, 40))
    yield at, "check_papers", officer, {"items": items}
    if differs:
        note = {"note": "Sai khác do lỗi đánh máy, đã xác minh"}
        yield at + timedelta(hours=1), "decide_paper_mismatch", scene.office.one(Role.APPROVER, rng), note


def _resolve(case: Case, scene: Scene, officer: User) -> Iterator[Moment]:
    dossier, rng, office = case.dossier, scene.rng, scene.office
    accepted = dossier.accepted_at
    assert accepted is not None
    at = accepted
    if case.due_charges and dossier.channel == Dossier.Channel.COUNTER and _at_intake(case):
        at += timedelta(minutes=4)
        yield at, "record_payment", officer, _payment(case, "cash_desk")
    if scene.chance(VOIDED):
        yield scene.after(at, 0.2, 1), "void", office.one(Role.DESK_HEAD, rng), {"note": "Nhập trùng hồ sơ"}
        return
    at = scene.after(at, 0.05, 0.8)
    yield at, "hand_over", officer, {}
    head = office.one(Role.DIVISION_HEAD, rng)
    at = scene.after(at, 0.05, 1)
    yield at, "sign_for", head, {}
    worker = office.one(Role.CASE_OFFICER, rng)
    at = scene.after(at, 0.05, 1.2)
    yield at, "assign", head, {"assignee": worker}
    if scene.chance(WITHDRAWN) and dossier.applicant is not None:
        yield scene.after(at, 0.5, 4), "withdraw", dossier.applicant, {"note": "Không còn nhu cầu giải quyết"}
        return
    approver = office.one(Role.APPROVER, rng)
    roomy = dossier.version.time_unit != "same_day" and dossier.version.time_value >= 3
    if roomy and scene.chance(SUPPLEMENT):
        ended = yield from _supplement(case, scene, officer, worker, approver, at)
        if ended:
            return
        at = case.events[-1].at
    assert dossier.due_at is not None
    room = dossier.due_at - at
    if scene.chance(LATE):
        target = scene.working(dossier.due_at + timedelta(days=rng.uniform(0.6, 6)))
    else:
        target = at + room * min(0.93, max(0.08, rng.gauss(0.62, 0.2)))
    if roomy and scene.chance(CONSULTED):
        at = max(at, scene.working(at + (target - at) * 0.1))
        facts = {
            "agency": scene.rng.choice(scene.cast.offices).agency,
            "content": "Đề nghị cho ý kiến về nội dung hồ sơ thuộc lĩnh vực quản lý.",
            "due_at": max(at + timedelta(hours=4), at + (target - at) * 0.5),
            "needed": False,
        }
        yield at, "consult", worker, facts
    extended_at = max(at, scene.working(at + (target - at) * 0.2))
    if (
        roomy
        and scene.chance(EXTENDED)
        and local(extended_at).date() <= last_day_to_extend(case, extended_at)
    ):
        at = extended_at
        yield (
            at,
            "extend",
            approver,
            {"value": 3, "unit": "working_day", "note": "Phải xác minh thêm tại thực địa"},
        )
    at = max(at + timedelta(minutes=3), scene.working(at + (target - at) * 0.85))
    refused = scene.chance(REFUSED_RESULT)
    outcome = "refused" if refused else "granted"
    at = yield from _work(case, scene, worker, at, outcome)
    if scene.chance(RETURNED_A_STEP):
        at = scene.after(at, 0.2, 2)
        yield at, "return_task", approver, {"note": "Sửa thể thức dự thảo rồi trình lại"}
        at = yield from _work(case, scene, worker, scene.after(at, 0.3, 3), outcome)
    at = max(at + timedelta(minutes=2), scene.working(max(target, at)))
    title = "Thông báo từ chối giải quyết" if refused else dossier.version.result_title
    body = "Hồ sơ không đủ điều kiện theo quy định." if refused else "Chấp thuận đề nghị của người nộp hồ sơ."
    note = "Không đủ điều kiện theo quy định của thủ tục" if refused else ""
    yield at, "decide", approver, {"outcome": outcome, "title": title[:200], "body": body, "note": note}
    at = scene.after(at, 0.1, 2.5)
    yield at, "issue_result", office.one(Role.RECORDS_CLERK, rng), {}
    at = scene.after(at, 0.1, 2)
    yield at, "sign_for", officer, {"what": "result"}
    yield from _return(case, scene, officer, at)


def _work(
    case: Case, scene: Scene, worker: User, at: datetime, outcome: str
) -> Generator[Moment, None, datetime]:
    """The officer and every partner agency do their parts; the value is the moment after the last one."""
    while work := [t for t in case.open_tasks if t.kind in {"work", "review", "partner"}]:
        task = work[0]
        who = worker if task.agency_id == scene.office.agency.pk else scene.cast.partners[task.agency_id]
        facts = {"task": task.seq, "result": "Đã thẩm định, trình ký", "proposed_outcome": outcome}
        yield at, "finish_task", who, facts
        at += timedelta(minutes=scene.rng.uniform(5, 45))
    return at


def _supplement(
    case: Case, scene: Scene, officer: User, worker: User, approver: User, at: datetime
) -> Generator[Moment, None, bool]:
    """Ask, wait, go on or close. The value of the generator is True when the dossier ended."""
    dossier, rng = case.dossier, scene.rng
    at = scene.after(at, 0.5, 5)
    yield at, "propose_hold", worker, {"items": _items(case, rng)}
    at = scene.after(at, 0.2, 3)
    yield at, "sign_hold", approver, {}
    at = scene.after(at, 0.1, 1.5)
    yield at, "hold", officer, {}
    if dossier.applicant is not None and scene.chance(SUPPLEMENT_ANSWERED):
        at += timedelta(hours=rng.uniform(5, 260))
        answers = {item.order: {"text": "Đã bổ sung"} for item in case.items}
        yield at, "answer_supplement", dossier.applicant, {"answers": answers}
        yield scene.after(at, 0.3, 6), "resume", officer, {}
        return False
    if dossier.applicant is None:
        yield (
            scene.working(at + timedelta(hours=rng.uniform(20, 200))),
            "resume",
            officer,
            {"received_at_desk": True},
        )
        return False
    assert dossier.wait_until is not None
    at = scene.working(dossier.wait_until + timedelta(hours=8))
    yield at, "close_unsupplemented", officer, {"note": "Hết thời hạn bổ sung, người nộp không bổ sung"}
    return True


def _return(case: Case, scene: Scene, officer: User, at: datetime) -> Iterator[Moment]:
    dossier, rng = case.dossier, scene.rng
    if not dossier.paper_check_settled:
        at = max(at, scene.papers_at + timedelta(hours=3))
    if dossier.return_by == Dossier.ReturnBy.ELECTRONIC:
        at += timedelta(minutes=rng.uniform(2, 30))
        if case.due_charges:
            at += timedelta(hours=rng.uniform(1, 30))
            yield at, "record_payment", scene.cast.system, _payment(case, "online")
        yield at + timedelta(minutes=1), "complete", scene.cast.system, _receiver(dossier)
        return
    carrier = rng.choice(scene.cast.carriers)
    by_post = dossier.return_by == Dossier.ReturnBy.POST
    who, method = (carrier, "cash_post") if by_post else (officer, "cash_desk")
    wait = rng.expovariate(1 / 44) + (20 if by_post else 1)
    if by_post and scene.chance(DELIVERY_FAILED):
        wait += 96
    at = scene.working(at + timedelta(hours=wait))
    if case.due_charges:
        yield at, "record_payment", who, _payment(case, method)
    tracking = {"tracking_number": tracking_number(case.series, scene.part)} if by_post else {}
    yield at + timedelta(minutes=2), "complete", who, _receiver(dossier) | tracking


def _receiver(dossier: Dossier) -> dict[str, Any]:
    return {"receiver_name": dossier.owner_name, "receiver_id": dossier.owner_id, "relation": "chính chủ"}


def _at_intake(case: Case) -> bool:
    return any(c.stage == "at_intake" for c in case.due_charges)


def _payment(case: Case, method: str) -> dict[str, Any]:
    due = case.due_charges
    return {
        "charges": [c.seq for c in due],
        "amount": sum(c.amount for c in due),
        "method": method,
        "reference": f"{case.dossier.submission_ref}-{len(case.payments) + 1}",
    }


def _items(case: Case, rng: Random) -> list[dict[str, Any]]:
    held = {c.pk for c in version_parts(case.dossier.version_id)[1] if is_held(case, c)}
    titles = [d.title for d in case.current_documents if d.component_id not in held] or ["Tờ khai"]
    chosen = rng.sample(titles, min(len(titles), rng.choice([1, 1, 2])))
    items = []
    for title in chosen:
        reason, text = rng.choice(ITEMS)
        items.append({"name": title, "reason": reason, "explanation": text})
    return items
