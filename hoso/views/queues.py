"""The queues of an office: which open dossiers wait for whom. One table; lists and counters read the same rows.

Every condition names a state and a desk or agency, so that it stands on a partial index over open work.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Q, Value

from danhmuc.models import User
from danhmuc.roles import Role
from hoso.lifecycle import HoldKind, State
from hoso.models import (
    AgencyTask,
    Amendment,
    Charge,
    CorrectionCase,
    Dossier,
    Handover,
    Letter,
    Refund,
    Supplement,
)
from hoso.models.dossiers import WITH_PAPERS, DossierQuerySet
from hoso.services.law import Law
from hoso.views.reach import NOTHING
from hoso.views.reach import Reach as Reach
from hoso.views.reach import reach_of as reach_of

_RUNNING = ["sent", "signed_for"]
PaperCheck = Dossier.PaperCheck


# ---------- What waits for a person ----------


def _my_tasks(reach: Reach, *kinds: str, but: tuple[str, ...] = ()) -> Q:
    """Open tasks assigned to the person, or to nobody and of a role the person holds there."""
    mine = Q(assignee_id=reach.user.pk)
    for role, agencies in reach.roles:
        mine |= Q(assignee=None, role=role, agency_id__in=agencies)
    tasks = AgencyTask.objects.filter(mine, status__in=_RUNNING)
    tasks = tasks.filter(kind__in=kinds) if kinds else tasks.exclude(kind__in=but)
    return Q(pk__in=tasks.values("dossier_id"))


def _incoming(reach: Reach) -> Q:
    """Open handovers this person may sign for: addressed to them, to their role at their agency, or to their desk."""
    mine = Q(to_user_id=reach.user.pk)
    for role, agencies in reach.roles:
        mine |= Q(to_user=None, to_role__in=[role, ""], to_agency_id__in=agencies)
    if reach.desks:
        to_desk = Q(to_user=None, to_role=Role.DESK_OFFICER, to_agency_id__in=reach.served)
        mine |= to_desk & Q(dossier__desk_id__in=reach.desks)
    # One subquery: two of them joined by OR would make the database look at every dossier there is.
    handovers = Handover.objects.filter(mine, signed_at=None, recalled_at=None)
    found = Q(pk__in=handovers.values("dossier_id"))
    return found & Q(state__in=[State.PROCESSING, State.DECIDED])


def _supplement(status: str) -> Q:
    return Q(pk__in=Supplement.objects.filter(status=status).values("dossier_id"))


def _expired(reach: Reach) -> Q:
    late = {"wait_until__lt": reach.now}
    waiting = reach.at_desk(state=State.INTAKE_HOLD, **late) | reach.at_desk(
        state=State.ON_HOLD, hold_kind=HoldKind.SUPPLEMENT, **late
    )
    return waiting & ~_supplement(Supplement.Status.ANSWERED)


def _papers(reach: Reach, check: str) -> Q:
    return reach.at_desk(state__in=WITH_PAPERS, paper_check=check)


def _unpaid(reach: Reach) -> Q:
    due = Charge.objects.filter(status=Charge.Status.DUE).values("dossier_id")
    found = NOTHING
    for state in (State.SUBMITTED, State.PROCESSING, State.ON_HOLD, State.DECIDED):
        found |= reach.at_desk(state=state)
    return found & Q(pk__in=due)


def _letters(reach: Reach) -> Q:
    """Dossiers of the own desks about which the applicant wrote and nobody has read it."""
    unread = Letter.objects.filter(read_at=None, from_applicant=True, dossier__desk_id__in=reach.desks)
    return Q(pk__in=unread.values("dossier_id"))


def _amendments(reach: Reach) -> Q:
    """Dossiers of the own desks whose applicant asks for a change."""
    waiting = Amendment.objects.filter(status=Amendment.Status.WAITING, dossier__desk_id__in=reach.desks)
    return Q(pk__in=waiting.values("dossier_id"))


def _claimed(reach: Reach) -> Q:
    return _unpaid(reach) & Q(relief_claims__status="claimed")


def _refunds(reach: Reach) -> Q:
    waiting = Refund.objects.filter(status="to_decide", dossier__resolving_agency_id__in=reach.agencies)
    return Q(pk__in=waiting.values("dossier_id"))


def _corrections(reach: Reach) -> Q:
    cases = CorrectionCase.objects.filter(corrected_at=None, dossier__resolving_agency_id__in=reach.agencies)
    return Q(state=State.COMPLETED, pk__in=cases.values("dossier_id"))


def _mismatched(reach: Reach) -> Q:
    return reach.at_agency(state__in=WITH_PAPERS, paper_check=PaperCheck.MISMATCHED)


@dataclass(frozen=True)
class Queue:
    """One list: `steps` of which its reader takes at least one (none named: whoever reads dossiers)."""

    key: str
    title: str
    icon: str
    level: str
    order: str
    steps: frozenset[str]
    where: Callable[[Reach], Q]
    to_do: bool = True
    action: str = "Mở"
    empty: str = "Không có hồ sơ nào trong mục này."

    def is_for(self, reach: Reach) -> bool:
        """Whether the list is one of this person's."""
        if not (reach.desks or reach.agencies or reach.paths):
            return False
        return not self.steps or bool(self.steps & reach.steps)

    def rows(self, reach: Reach) -> DossierQuerySet:
        """Its dossiers, most urgent first."""
        return Dossier.objects.filter(self.where(reach)).order_by(self.order, "pk")


def _queue(
    key: str,
    title: str,
    icon: str,
    level: str,
    order: str,
    steps: str,
    where: Callable[[Reach], Q],
    **more: object,
) -> Queue:
    return Queue(key, title, icon, level, order, frozenset(steps.split()), where, **more)  # type: ignore[arg-type]


QUEUES: tuple[Queue, ...] = (
    _queue(
        "truc-tuyen-moi",
        "Trực tuyến mới",
        "screen",
        "info",
        "intake_due_at",
        "accept",
        lambda r: r.at_desk(state=State.SUBMITTED),
        action="Kiểm tra",
        empty="Không còn hồ sơ trực tuyến nào chờ kiểm tra.",
    ),
    _queue(
        "viec-cua-toi",
        "Việc của tôi",
        "edit",
        "info",
        "due_at",
        "finish_task assign",
        lambda r: _my_tasks(r, but=("approve", "issue")) & Q(state=State.PROCESSING),
        action="Xử lý",
        empty="Không có bước nào đang chờ ông/bà làm.",
    ),
    _queue(
        "cho-ky",
        "Chờ ký kết quả",
        "stamp",
        "info",
        "due_at",
        "decide",
        lambda r: _my_tasks(r, "approve") & Q(state=State.PROCESSING),
        action="Xem và ký",
        empty="Không có hồ sơ nào chờ ký.",
    ),
    _queue(
        "cho-phat-hanh",
        "Chờ phát hành",
        "stamp",
        "info",
        "due_at",
        "issue_result",
        lambda r: _my_tasks(r, "issue") & Q(state=State.DECIDED),
        action="Phát hành",
        empty="Không có kết quả nào chờ phát hành.",
    ),
    _queue(
        "ky-nhan",
        "Chờ ký nhận",
        "inbox",
        "info",
        "due_at",
        "sign_for",
        _incoming,
        action="Ký nhận",
        empty="Không có hồ sơ nào được bàn giao đến.",
    ),
    _queue(
        "ky-bo-sung",
        "Đề xuất bổ sung chờ ký",
        "pause",
        "wait",
        "due_at",
        "sign_hold",
        lambda r: r.at_agency(state=State.PROCESSING) & _supplement(Supplement.Status.PROPOSED),
        action="Xem đề xuất",
        empty="Không có đề xuất bổ sung nào chờ ký.",
    ),
    _queue(
        "gui-bo-sung",
        "Yêu cầu bổ sung chờ gửi",
        "send",
        "wait",
        "due_at",
        "hold",
        lambda r: r.at_desk(state=State.PROCESSING) & _supplement(Supplement.Status.SIGNED),
        action="Gửi yêu cầu",
        empty="Không có phiếu yêu cầu bổ sung nào chờ gửi.",
    ),
    _queue(
        "da-bo-sung",
        "Đã gửi bổ sung",
        "paperclip",
        "info",
        "wait_until",
        "resume",
        lambda r: r.at_desk(state=State.ON_HOLD) & _supplement(Supplement.Status.ANSWERED),
        action="Kiểm tra",
        empty="Chưa có người nộp nào vừa gửi bổ sung.",
    ),
    _queue(
        "tin-nhan",
        "Tin của người nộp",
        "message",
        "info",
        "due_at",
        "accept",
        lambda r: _letters(r),
        action="Đọc",
        empty="Không có tin nào chưa đọc.",
    ),
    _queue(
        "de-nghi-sua",
        "Đề nghị sửa hồ sơ",
        "edit",
        "info",
        "due_at",
        "amend",
        lambda r: _amendments(r),
        action="Xem đề nghị",
        empty="Không có đề nghị sửa hồ sơ nào chờ trả lời.",
    ),
    _queue(
        "doi-chieu",
        "Bản giấy cần đối chiếu",
        "copy",
        "info",
        "due_at",
        "check_papers",
        lambda r: _papers(r, PaperCheck.RECEIVED) | _papers(r, PaperCheck.MISMATCHED),
        action="Đối chiếu",
        empty="Không có bản giấy nào chờ đối chiếu.",
    ),
    _queue(
        "sai-lech",
        "Sai lệch bản giấy",
        "triangle",
        "late",
        "due_at",
        "decide_paper_mismatch",
        _mismatched,
        action="Xem sai lệch",
        empty="Không có sai lệch bản giấy nào cần quyết định.",
    ),
    _queue(
        "dinh-chinh",
        "Yêu cầu đính chính",
        "edit",
        "soon",
        "due_at",
        "finish_correction",
        _corrections,
        action="Đính chính",
        empty="Không có yêu cầu đính chính nào.",
    ),
    _queue(
        "cho-tra",
        "Chờ trả kết quả",
        "check-circle",
        "off",
        "decided_at",
        "complete",
        lambda r: r.at_desk(state=State.DECIDED),
        action="Trả kết quả",
        empty="Không có kết quả nào chờ trả.",
    ),
    _queue(
        "mien-giam", "Đề nghị miễn, giảm", "cash", "soon", "due_at", "decide_relief", _claimed, action="Xem"
    ),
    _queue("hoan-phi", "Chờ duyệt hoàn phí", "cash", "soon", "updated_at", "decide_refund", _refunds),
    _queue(
        "thu-phi",
        "Chờ thu phí, lệ phí",
        "cash",
        "soon",
        "due_at",
        "record_payment",
        _unpaid,
        action="Thu phí",
        empty="Không có khoản phí, lệ phí nào chờ thu.",
    ),
    _queue(
        "het-han-bo-sung",
        "Hết hạn bổ sung",
        "hourglass",
        "late",
        "wait_until",
        "close_unsupplemented",
        _expired,
        action="Xem xét đóng",
        empty="Không có hồ sơ nào quá hạn bổ sung.",
    ),
    _queue(
        "qua-han",
        "Quá hạn",
        "triangle",
        "late",
        "due_at",
        "",
        lambda r: r.here(state=State.PROCESSING, due_at__lt=r.now),
        to_do=False,
        empty="Không có hồ sơ nào quá hạn.",
    ),
    _queue(
        "sap-den-han",
        "Đến hạn trong 8 giờ",
        "hourglass",
        "soon",
        "due_at",
        "",
        lambda r: r.here(state=State.PROCESSING, due_at__gte=r.now, due_at__lte=r.soon),
        to_do=False,
        empty="Không có hồ sơ nào đến hạn trong 8 giờ làm việc tới.",
    ),
    _queue(
        "dang-giai-quyet",
        "Đang giải quyết",
        "clock",
        "ok",
        "due_at",
        "",
        lambda r: r.here(state=State.PROCESSING),
        to_do=False,
        empty="Không có hồ sơ nào đang giải quyết.",
    ),
    _queue(
        "cho-hoan-thien",
        "Chờ hoàn thiện",
        "pause",
        "wait",
        "wait_until",
        "accept",
        lambda r: r.at_desk(state=State.INTAKE_HOLD),
        to_do=False,
        empty="Không có hồ sơ nào chờ người nộp hoàn thiện.",
    ),
    _queue(
        "cho-bo-sung",
        "Chờ bổ sung",
        "pause",
        "wait",
        "wait_until",
        "",
        lambda r: r.here(state=State.ON_HOLD),
        to_do=False,
        empty="Không có hồ sơ nào chờ người nộp bổ sung.",
    ),
    _queue(
        "cho-ban-giay",
        "Chờ bản giấy",
        "truck",
        "info",
        "due_at",
        "receive_papers",
        lambda r: _papers(r, PaperCheck.AWAITING_PAPER),
        to_do=False,
        empty="Không có hồ sơ nào chờ bản giấy.",
    ),
)
BY_KEY = {queue.key: queue for queue in QUEUES}
#: Cards above the list, in this order; at most six are shown.
CARDS = (
    "qua-han",
    "sap-den-han",
    "truc-tuyen-moi",
    "viec-cua-toi",
    "cho-ky",
    "cho-phat-hanh",
    "dang-giai-quyet",
    "cho-bo-sung",
    "cho-tra",
)


def queues_of(reach: Reach) -> list[Queue]:
    """The lists of one person."""
    return [queue for queue in QUEUES if queue.is_for(reach)]


def counts(reach: Reach) -> dict[str, int]:
    """Exact number of rows of every list of this person, in one query; kept for the request."""
    cached: dict[str, int] | None = reach.user.__dict__.get("_queue_counts")
    if cached is None:
        key = replace(reach, now=_NOW, soon=_SOON, user=User(pk=reach.user.pk), law=_NO_LAW)
        sql, params = _counting(key)
        moments = {_NOW: reach.now, _SOON: reach.soon}
        with connection.cursor() as cursor:
            if sql:
                cursor.execute(sql, [moments.get(p, p) if isinstance(p, datetime) else p for p in params])
            cached = dict(cursor.fetchall()) if sql else {}
        reach.user.__dict__["_queue_counts"] = cached
    return cached


#: Kept with a compiled query, which asks it nothing.
_NO_LAW = Law()
#: Stand for the present in a compiled query; no dossier is due then.
_NOW, _SOON = datetime(9998, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=4096)
def _counting(reach: Reach) -> tuple[str, tuple[Any, ...]]:
    """The counting query of one person's positions, compiled once: building it costs more than running it."""
    parts = [
        queue.rows(reach).order_by().annotate(queue=Value(queue.key)).values("queue").annotate(n=Count("*"))
        for queue in queues_of(reach)
    ]
    if not parts:
        return "", ()
    try:
        sql, params = parts[0].union(*parts[1:], all=True).query.sql_with_params()
    except EmptyResultSet:  # no list of theirs can hold anything
        return "", ()
    return sql, tuple(params)
