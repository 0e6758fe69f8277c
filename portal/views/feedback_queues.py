"""The handlers' lists: which items wait for whom. One table; lists, counters and the side menu read the same rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from danhmuc.models import User
from danhmuc.roles import Role
from portal import access
from portal.lifecycle import ENDED, OPEN, State
from portal.models import Feedback
from portal.models.feedback import FeedbackQuerySet

NOTHING = Q(pk__in=[])
RUNNING = tuple(state for state in OPEN if state != State.NEEDS_INFO)


@dataclass(frozen=True)
class Reach:
    """What a person's positions of today cover."""

    user: User
    handles: frozenset[int]
    signs: frozenset[int]
    scopes: tuple[str, ...]
    now: datetime

    @property
    def midnight(self) -> datetime:
        """The beginning of today: what was due before is late (days are compared, domain §8.2 C7)."""
        return datetime.combine(timezone.localdate(self.now), time(), timezone.get_current_timezone())

    def here(self, **state: Any) -> Q:
        """Items of the own agencies and of a supervised scope."""
        found = NOTHING
        if both := self.handles | self.signs:
            found |= Q(agency_id__in=both, **state)
        for path in self.scopes:
            found |= Q(agency__path__startswith=path, **state)
        return found


def reach_of(user: User) -> Reach:
    """Read once a request; the positions are kept on the user."""
    return Reach(
        user=user,
        handles=access.agencies_as(user, Role.FEEDBACK_HANDLER),
        signs=access.agencies_as(user, Role.APPROVER),
        scopes=access.scopes_of(user),
        now=timezone.now(),
    )


@dataclass(frozen=True)
class Queue:
    """One list."""

    key: str
    title: str
    icon: str
    level: str
    where: Callable[[Reach], Q]
    is_for: Callable[[Reach], bool]
    order: str = "due_at"
    empty: str = "Không có phản ánh nào trong mục này."
    hot: bool = False

    def rows(self, reach: Reach) -> FeedbackQuerySet:
        """Its items, most urgent first."""
        return Feedback.objects.filter(self.where(reach)).order_by(self.order, "pk")


def _worker(reach: Reach) -> bool:
    """Anybody may be named to work on an item but those who only supervise."""
    return bool(reach.handles or reach.signs or not reach.scopes)


def _handler(reach: Reach) -> bool:
    return bool(reach.handles)


def _signer(reach: Reach) -> bool:
    return bool(reach.signs)


QUEUES: tuple[Queue, ...] = (
    Queue(
        "moi",
        "Mới đến",
        "inbox",
        "info",
        lambda r: Q(state__in=[State.NEW, State.FORWARDED], agency_id__in=r.handles),
        _handler,
        empty="Không còn phản ánh nào chờ tiếp nhận.",
        hot=True,
    ),
    Queue(
        "cua-toi",
        "Giao cho tôi",
        "edit",
        "info",
        lambda r: Q(state__in=[State.ACCEPTED, State.IN_PROGRESS], assignee_id=r.user.pk),
        _worker,
        empty="Chưa có phản ánh nào giao cho ông/bà.",
    ),
    Queue(
        "cho-ky",
        "Chờ ký trả lời",
        "stamp",
        "info",
        lambda r: Q(state=State.TO_SIGN, agency_id__in=r.signs),
        _signer,
        empty="Không có câu trả lời nào chờ ký.",
        hot=True,
    ),
    Queue(
        "dang-xu-ly",
        "Đang xử lý",
        "clock",
        "ok",
        lambda r: r.here(state__in=[State.ACCEPTED, State.IN_PROGRESS, State.TO_SIGN]),
        lambda r: bool(r.handles or r.scopes),
        empty="Không có phản ánh nào đang xử lý.",
    ),
    Queue(
        "cho-bo-sung",
        "Chờ người gửi",
        "pause",
        "wait",
        lambda r: r.here(state=State.NEEDS_INFO),
        lambda r: bool(r.handles or r.scopes),
        order="wait_until",
        empty="Không có phản ánh nào chờ người gửi bổ sung.",
    ),
    Queue(
        "qua-han",
        "Quá hạn",
        "triangle",
        "late",
        lambda r: r.here(state__in=RUNNING, due_at__lt=r.midnight),
        lambda r: bool(r.handles or r.signs or r.scopes),
        empty="Không có phản ánh nào quá hạn.",
        hot=True,
    ),
    Queue(
        "cho-cong-khai",
        "Chờ công khai",
        "screen",
        "soon",
        lambda r: Q(state=State.ANSWERED, agrees_to_publish=True, agency_id__in=r.handles),
        _handler,
        order="answered_at",
        empty="Không có câu trả lời nào chờ công khai.",
    ),
    Queue(
        "da-xong",
        "Đã xong",
        "check-circle",
        "off",
        lambda r: r.here(state__in=ENDED),
        lambda r: bool(r.handles or r.signs or r.scopes),
        order="-finished_at",
        empty="Chưa có phản ánh nào xử lý xong.",
    ),
)


def queues_of(reach: Reach) -> list[Queue]:
    """The lists of one person."""
    return [queue for queue in QUEUES if queue.is_for(reach)]


def counts(reach: Reach) -> dict[str, int]:
    """Exact number of rows of every list of this person but the finished ones, in one query; kept for the request."""
    cached: dict[str, int] | None = reach.user.__dict__.get("_feedback_counts")
    if cached is None:
        asked = {
            queue.key.replace("-", "_"): Count("pk", filter=queue.where(reach))
            for queue in queues_of(reach)
            if queue.key != "da-xong"
        }
        open_here = reach.here(state__in=[*OPEN, State.ANSWERED]) | Q(
            assignee_id=reach.user.pk, state__in=OPEN
        )
        found = Feedback.objects.filter(open_here).aggregate(**asked)
        cached = {key.replace("_", "-"): number for key, number in found.items()}
        reach.user.__dict__["_feedback_counts"] = cached
    return cached


def has_business(user: User) -> bool:
    """Whether the menu shows feedback to this person."""
    return access.works_on_feedback(user) or bool(counts(reach_of(user)).get("cua-toi"))


def office(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `menu_more`, the menu group of feedback, worked out only by templates that show it."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_officer:
        return {}
    return {"menu_more": SimpleLazyObject(lambda: menu_of(user, request))}


def menu_of(user: User, request: HttpRequest) -> list[dict[str, Any]]:
    """One group of links with their counts; none for people without business here."""
    writes = access.may_take_in(user)
    works = any(p.role in access.WORKERS or p.role == Role.SUPERVISOR for p in user.positions_on())
    items = _lists(user, request) if works else []
    if writes:
        url = reverse("portal:feedback_write_down")
        items.append(
            {"label": "Ghi phản ánh", "url": url, "icon": "phone", "current": request.path.startswith(url)}
        )
    return [{"label": "Phản ánh, kiến nghị", "items": items}] if items else []


def _lists(user: User, request: HttpRequest) -> list[dict[str, Any]]:
    reach = reach_of(user)
    counted, home = counts(reach), reverse("portal:feedback_office")
    chosen = request.GET.get("muc", "") if request.path == home else None
    return [
        {
            "label": queue.title,
            "url": f"{home}?muc={queue.key}",
            "icon": queue.icon,
            "count": counted.get(queue.key, 0),
            "hot": queue.hot,
            "current": chosen == queue.key,
        }
        for queue in queues_of(reach)
        if counted.get(queue.key) or (queue.key in {"moi", "dang-xu-ly"} and queue.is_for(reach))
    ]
