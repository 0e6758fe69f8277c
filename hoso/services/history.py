"""Replays events and handovers, and reports every difference with what is stored (domain §23).

State, due date and holder are columns for speed; this is the proof that they can be rebuilt. It only reads.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db.models import Count, F, QuerySet
from django.utils import timezone

from danhmuc.models import Position, RuleSet
from danhmuc.roles import Role
from hoso.lifecycle import BEFORE_ACCEPTANCE, ENDED, HoldKind, State
from hoso.models import (
    AgencyTask,
    Charge,
    Document,
    Dossier,
    Event,
    Handover,
    NumberSeries,
    Payment,
    Supplement,
)
from hoso.services import clocks
from hoso.services.labels import BESIDE
from hoso.services.law import Law

BATCH = 500
_DOSSIER_CODE = re.compile(r"^(.+)-(\d{6})-(\d{4,})$")


@dataclass(frozen=True)
class Problem:
    """One thing that does not add up: which dossier, which rule, what was found."""

    dossier: str
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.dossier}: [{self.rule}] {self.text}"


@dataclass
class _Replay:
    """Where a dossier stands after its events, by the events alone."""

    state: str = State.DRAFT
    hold_kind: str = ""
    outcome: str = ""
    accepted_at: datetime | None = None
    decided_at: datetime | None = None
    completed_at: datetime | None = None
    code: str = ""


def problems(dossiers: QuerySet[Dossier]) -> Iterator[Problem]:
    """Everything wrong with these dossiers, a batch at a time in flat memory."""
    law = Law()
    allowed = _allowed_steps()
    last = 0
    while True:
        batch = list(
            dossiers.filter(pk__gt=last)
            .select_related("version", "rule_set", "resolving_agency", "desk__serves", "desk__agency")
            .defer("answers", "version__eform", "search")
            .prefetch_related(
                "events__actor__positions__agency",
                "events__actor__positions__desk",
                "handovers",
                "tasks",
                "supplements",
                "charges",
                "payments",
            )
            .order_by("pk")[:BATCH]
        )
        if not batch:
            return
        last = batch[-1].pk
        for dossier in batch:
            yield from _check(dossier, law, allowed)


def _allowed_steps() -> dict[str, tuple[set[str], set[str] | None]]:
    """Step → (states it may start from, states it may end in; None when the state stays as it is)."""
    found: dict[str, tuple[set[str], set[str] | None]] = {}
    for transition in Dossier().get_all_state_transitions():
        sources, targets = found.setdefault(transition.name, (set(), set()))
        sources |= set(State.values) if transition.source in {"*", "+"} else {str(transition.source)}
        if transition.target is None:
            found[transition.name] = (sources, None)
        elif targets is not None:
            allowed = getattr(transition.target, "allowed_states", None)
            targets |= {str(s) for s in allowed} if allowed else {str(transition.target)}
    return found


def _check(
    dossier: Dossier, law: Law, allowed: dict[str, tuple[set[str], set[str] | None]]
) -> Iterator[Problem]:
    events = sorted(dossier.events.all(), key=lambda e: e.seq)
    yield from _check_history(dossier, events, allowed)
    yield from _check_code(dossier, events)
    yield from _check_clock(dossier, events, law)
    yield from _check_custody(dossier, events)
    yield from _check_requests(dossier, events)
    yield from _check_decision(dossier, events)
    yield from _check_money(dossier)


def _check_history(
    dossier: Dossier, events: list[Event], allowed: dict[str, tuple[set[str], set[str] | None]]
) -> Iterator[Problem]:
    """Invariant 10: one event a step; replaying them gives the stored state."""
    name = str(dossier)
    if [e.seq for e in events] != list(range(1, len(events) + 1)) or dossier.last_seq != len(events):
        yield Problem(
            name, "10", f"có {len(events)} sự kiện nhưng hồ sơ ghi {dossier.last_seq}, hoặc thiếu số thứ tự"
        )
    replay = _Replay()
    for event in events:
        if event.source != replay.state:
            yield Problem(
                name,
                "10",
                f"sự kiện {event.seq} ({event.name}) bắt đầu từ “{event.source}”, trước đó là “{replay.state}”",
            )
        if event.name in BESIDE:
            if event.target != event.source:
                yield Problem(name, "10", f"{event.name} không phải bước chuyển nhưng đổi trạng thái")
        else:
            sources, targets = allowed.get(event.name, (set(), set()))
            ends_right = event.target == event.source if targets is None else event.target in targets
            if event.source not in sources or not ends_right:
                yield Problem(
                    name, "10", f"bước {event.name} không đi từ “{event.source}” đến “{event.target}”"
                )
        _apply(replay, event)
    stored = (dossier.state, dossier.hold_kind, dossier.outcome)
    if stored != (replay.state, replay.hold_kind, replay.outcome):
        yield Problem(
            name,
            "10",
            f"trạng thái lưu {stored} khác diễn lại {(replay.state, replay.hold_kind, replay.outcome)}",
        )
    for field in ("accepted_at", "decided_at", "completed_at"):
        if getattr(dossier, field) != getattr(replay, field):
            yield Problem(
                name, "10", f"{field} lưu {getattr(dossier, field)} khác sự kiện {getattr(replay, field)}"
            )
    if any(a.at > b.at for a, b in pairwise(events)):
        yield Problem(name, "10", "thời gian các sự kiện không theo thứ tự")


def _apply(replay: _Replay, event: Event) -> None:
    replay.state = event.target
    if event.name == "hold":
        replay.hold_kind = HoldKind.SUPPLEMENT
    elif event.name == "hold_financial":
        replay.hold_kind = HoldKind.FINANCIAL
    elif event.target != State.ON_HOLD:
        replay.hold_kind = ""
    elif event.name == "mirror_update" and not replay.hold_kind:
        replay.hold_kind = HoldKind.SUPPLEMENT
    if event.name in {"accept", "accept_immediate"}:
        replay.accepted_at = event.at
    if event.name in {"decide", "accept_immediate"}:
        replay.decided_at = event.at
        replay.outcome = event.data.get("outcome", "granted")
    if event.name in {"complete", "accept_immediate"}:
        replay.completed_at = event.at


def _check_code(dossier: Dossier, events: list[Event]) -> Iterator[Problem]:
    """Invariant 1: no code before acceptance; the code bears the day of acceptance."""
    if dossier.issuing_system != "provincial":
        return
    if dossier.state in BEFORE_ACCEPTANCE and dossier.code:
        yield Problem(str(dossier), "1", "có mã số hồ sơ khi chưa tiếp nhận")
    if not dossier.accepted_at:
        return
    given = [e.data.get("code") for e in events if e.name in {"accept", "accept_immediate"}]
    parts = _DOSSIER_CODE.match(dossier.code)
    if given != [dossier.code] or parts is None:
        yield Problem(str(dossier), "1", f"mã lưu “{dossier.code}” khác mã khi tiếp nhận {given}")
    elif parts.group(2) != f"{timezone.localtime(dossier.accepted_at):%y%m%d}":
        yield Problem(str(dossier), "1", "ngày trong mã khác ngày tiếp nhận")
    if dossier.rule_set is None or not _in_force(dossier.rule_set, dossier.accepted_at):
        yield Problem(str(dossier), "0.3", "bộ quy tắc không phải bộ có hiệu lực ngày tiếp nhận")


def _in_force(rules: RuleSet, at: datetime) -> bool:
    day = timezone.localdate(at)
    return rules.valid_from <= day and (rules.valid_to is None or day <= rules.valid_to)


def _check_clock(dossier: Dossier, events: list[Event], law: Law) -> Iterator[Problem]:
    """Invariants 3, 4 and 16: dates rebuilt from events and calendars; no clock after an end or in a hold."""
    if not events or dossier.issuing_system != "provincial":
        return
    found = clocks.explain(dossier, events, at=events[-1].at, law=law)
    if dossier.accepted_at and dossier.due_at != found.due_at:
        yield Problem(str(dossier), "4", f"hạn trả lưu {dossier.due_at} khác diễn lại {found.due_at}")
    if dossier.accepted_at and dossier.original_due_at != found.original_due_at:
        yield Problem(
            str(dossier), "4", f"hạn trả đầu lưu {dossier.original_due_at} khác {found.original_due_at}"
        )
    if dossier.state in {State.INTAKE_HOLD, State.ON_HOLD} and dossier.wait_until != found.wait_until:
        yield Problem(str(dossier), "4", f"hạn chờ bổ sung lưu {dossier.wait_until} khác {found.wait_until}")
    if dossier.state == State.SUBMITTED and dossier.intake_due_at != found.intake_due_at:
        yield Problem(
            str(dossier), "4", f"hạn kiểm tra lưu {dossier.intake_due_at} khác {found.intake_due_at}"
        )
    if dossier.state in {*ENDED, State.ON_HOLD} and found.running:
        yield Problem(str(dossier), "3", "thời hạn giải quyết vẫn chạy khi hồ sơ đã kết thúc hoặc tạm dừng")
    for event in events:
        if event.name == "recalculate" and (event.data.get("old_due_at") or "") > (
            event.data.get("due_at") or ""
        ):
            yield Problem(str(dossier), "16", "hạn đã in bị rút ngắn khi đổi lịch")
    if dossier.finished_at and dossier.accepted_at and dossier.issuing_system == "provincial":
        expected = clocks.timeliness(dossier, events)
        if dossier.timeliness and dossier.timeliness != expected:
            yield Problem(str(dossier), "C7", f"xếp loại lưu {dossier.timeliness} khác tính lại {expected}")


def _check_custody(dossier: Dossier, events: list[Event]) -> Iterator[Problem]:
    """The holder follows from acceptance and from signed handovers, in their order."""
    accepted = next((e for e in events if e.name == "accept"), None)
    if accepted is None:
        if dossier.holder_id:
            yield Problem(str(dossier), "giữ hồ sơ", "có người giữ khi chưa tiếp nhận")
        return
    agency, person = dossier.desk.serves_id, accepted.actor_id
    signed = [h for h in dossier.handovers.all() if h.what == Handover.What.DOSSIER and h.signed_at]
    by_seq = {h.seq: h for h in signed}
    # A handover is signed by the step that says so, or overtaken by the next one within the same agency.
    for event in events:
        seq = event.data.get("signed_handover") or (
            event.data.get("handover") if event.name == "sign_for" else None
        )
        handover = by_seq.get(seq) if seq else None
        if handover is not None and handover.signed_at == event.at:
            agency, person = handover.to_agency_id, event.actor_id
    if dossier.state in ENDED or dossier.state == State.COMPLETED:
        if dossier.holder_id:
            yield Problem(str(dossier), "giữ hồ sơ", "hồ sơ đã kết thúc nhưng vẫn có người giữ")
        return
    if (dossier.holder_agency_id, dossier.holder_id) != (agency, person):
        yield Problem(
            str(dossier),
            "giữ hồ sơ",
            f"lưu cơ quan {dossier.holder_agency_id}, người {dossier.holder_id}; diễn lại {agency}, {person}",
        )
    if dossier.state == State.PROCESSING:
        open_tasks = [t for t in dossier.tasks.all() if t.is_open]
        if not open_tasks and dossier.issuing_system == "provincial":
            yield Problem(str(dossier), "quy trình", "đang giải quyết nhưng không có bước nào đang mở")


def _check_requests(dossier: Dossier, events: list[Event]) -> Iterator[Problem]:
    """Invariants 5 and 7: one request, one extension; requests leave only through the desk."""
    counts: dict[str, int] = defaultdict(int)
    for event in events:
        counts[event.name] += 1
    sent = [s for s in dossier.supplements.all() if s.status != Supplement.Status.DROPPED]
    for kind in Supplement.Kind.values:
        mine = [s for s in sent if s.kind == kind]
        if len([s for s in mine if not s.override_reason]) > 1:
            yield Problem(str(dossier), "5", "hơn một yêu cầu bổ sung cùng loại mà không có lý do")
    if counts["extend"] > 1:
        yield Problem(str(dossier), "5", "gia hạn hơn một lần")
    desk_roles = {Role.DESK_OFFICER, Role.DESK_HEAD}
    for event in events:
        if event.name in {"hold", "ask_completion"}:
            roles = {p.role for p in _positions(event) if p.desk_id == dossier.desk_id}
            if not roles & desk_roles:
                yield Problem(
                    str(dossier), "7", f"yêu cầu bổ sung gửi không qua Bộ phận Một cửa (sự kiện {event.seq})"
                )


def _check_decision(dossier: Dossier, events: list[Event]) -> Iterator[Problem]:
    """Invariants 6 and 12: an approver in office, one number, nothing needed left open."""
    decided = next((e for e in events if e.name == "decide"), None)
    if decided is None:
        return
    if not any(p.role == Role.APPROVER for p in _positions(decided)):
        yield Problem(str(dossier), "6", "người ký kết quả không giữ chức vụ tại thời điểm ký")
    if not decided.data.get("result_number"):
        yield Problem(str(dossier), "6", "kết quả không có số")
    late = [
        t for t in dossier.tasks.all()
        if t.needed and t.kind not in {AgencyTask.Kind.APPROVE, AgencyTask.Kind.ISSUE}
        and t.status not in {AgencyTask.Status.DONE, AgencyTask.Status.CANCELLED, AgencyTask.Status.RETURNED}
    ]  # fmt: skip
    if late:
        yield Problem(str(dossier), "12", f"đã ký khi còn việc chưa xong: {late[0].name}")


def _check_money(dossier: Dossier) -> Iterator[Problem]:
    """What was paid is what was charged, with a receipt; nothing is owed on a returned dossier."""
    charges = {c.seq: c for c in dossier.charges.all()}
    paid = [p for p in dossier.payments.all() if p.status == Payment.Status.SUCCEEDED]
    for payment in paid:
        if (
            sum(charges[s].amount for s in payment.charges if s in charges) != payment.amount
            or not payment.receipt_no
        ):
            yield Problem(
                str(dossier),
                "8",
                f"giao dịch {payment.reference} không khớp khoản thu hoặc không có biên lai",
            )
    covered = {s for p in paid for s in p.charges}
    for charge in charges.values():
        if charge.status == Charge.Status.PAID and charge.seq not in covered:
            yield Problem(str(dossier), "8", f"khoản {charge.name} ghi đã nộp nhưng không có giao dịch")
    if dossier.state == State.COMPLETED and any(c.status == Charge.Status.DUE for c in charges.values()):
        yield Problem(str(dossier), "T21", "đã trả kết quả khi còn khoản chưa nộp")


def _positions(event: Event) -> Iterable[Position]:
    """The actor's positions in office at the moment of the event."""
    return event.actor.positions_on(timezone.localdate(event.at))


def register_problems() -> Iterator[Problem]:
    """What no single dossier shows: serials of a day without gaps or duplicates, document numbers in order."""
    yield from _code_serials()
    yield from _duplicate_codes()
    yield from _crossed_documents()


def _duplicate_codes() -> Iterator[Problem]:
    twice = (
        Dossier.objects.exclude(code="")
        .values("issuing_system", "code")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
    )
    for row in twice[:50]:
        yield Problem(row["code"], "1", f"mã dùng cho {row['n']} hồ sơ")


def _code_serials() -> Iterator[Problem]:
    """The highest serial of each agency and day is what the number series says, and as many dossiers bear one."""
    seen: dict[str, list[int]] = defaultdict(list)
    codes = (
        Dossier.objects.filter(issuing_system="provincial").exclude(code="").values_list("code", flat=True)
    )
    for code in codes.iterator(chunk_size=5000):
        parts = _DOSSIER_CODE.match(code)
        if parts:
            seen[f"dossier:{parts.group(1)}:{parts.group(2)}"].append(int(parts.group(3)))
    series = dict(NumberSeries.objects.filter(key__startswith="dossier:").values_list("key", "last"))
    for key, serials in seen.items():
        if sorted(serials) != list(range(1, len(serials) + 1)):
            yield Problem(key, "1", "số thứ tự trong ngày có khoảng trống hoặc trùng")
        if series.get(key) != len(serials):
            yield Problem(key, "1", f"dãy số ghi {series.get(key)}, hồ sơ mang {len(serials)} số")


def _crossed_documents() -> Iterator[Problem]:
    """A replaced document names its successor in the same dossier."""
    crossed = Document.objects.exclude(replaced_by=None).exclude(replaced_by__dossier_id=F("dossier_id"))[:20]
    for document in crossed:
        yield Problem(str(document.dossier_id), "giấy tờ", "giấy tờ thay thế thuộc hồ sơ khác")
