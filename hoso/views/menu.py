"""The side menu of the back office with its exact counters, on every page that has one."""

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from danhmuc.models import User
from danhmuc.roles import ACCOUNT_ROLES, REPORT_ROLES, Role
from hoso.views import queues

#: Queues the menu always shows to those who have them; the other watch lists are shown while they hold something.
_ALWAYS = frozenset({"truc-tuyen-moi", "viec-cua-toi", "cho-ky", "cho-phat-hanh", "cho-tra", "cho-bo-sung"})
_HOT = frozenset({"truc-tuyen-moi", "qua-han", "het-han-bo-sung"})


def office(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `menu`, `unit` and `now` for officers; worked out only by templates that show them."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not user.is_officer:
        return {}
    return {
        "menu": SimpleLazyObject(lambda: menu_of(user, request)),
        "unit": SimpleLazyObject(lambda: unit_of(user)),
        "now": timezone.now(),
    }


def unit_of(user: User) -> str:
    """Where a person works, for the bar: the desk before the agency."""
    positions = user.positions_on()
    first = next((p for p in positions if p.desk_id), None) or next(iter(positions), None)
    if first is None:
        return ""
    return first.agency.short_name or first.agency.name


def menu_of(user: User, request: HttpRequest) -> list[dict[str, Any]]:
    """Groups of links with their counts; what a person has no right to is not there."""
    reach = queues.reach_of(user)
    counted = queues.counts(reach)
    home = reverse("hoso:home")
    current = request.GET.get("muc", "") if request.path == home else None

    def entry(queue: queues.Queue) -> dict[str, Any]:
        return {
            "label": queue.title,
            "url": f"{home}?muc={queue.key}",
            "icon": queue.icon,
            "count": counted.get(queue.key, 0),
            "hot": queue.key in _HOT,
            "current": current == queue.key,
        }

    mine = queues.queues_of(reach)
    shown = [queue for queue in mine if queue.key in _ALWAYS or counted.get(queue.key)]
    work = [_link(request, "hoso:home", "Hộp việc", "inbox", exact=current != "")]
    if reach.may("accept"):
        work.append(_link(request, "hoso:reception", "Tiếp nhận mới", "plus"))
    if any(position.role in ACCOUNT_ROLES for position in user.positions_on()):
        work.append(_link(request, "portal:desk_accounts", "Tài khoản người dân", "user"))
    work += [entry(queue) for queue in shown if queue.to_do]
    watch = [entry(queue) for queue in shown if not queue.to_do]
    books = []
    if reach.may("pay_refund"):
        books.append(_link(request, "hoso:cashier", "Thu phí, hoàn phí", "cash"))
    if reach.desks or reach.agencies:
        books.append(_link(request, "hoso:handovers", "Sổ bàn giao", "copy"))
    if reach.desks or reach.agencies or reach.paths:
        books.append(_link(request, "hoso:register", "Sổ theo dõi hồ sơ", "list"))
    if any(position.role in REPORT_ROLES for position in user.positions_on()):
        books.append(_link(request, "baocao:home", "Báo cáo", "chart"))
    if any(position.role == Role.PROCEDURE_CONTROLLER for position in user.positions_on()):
        books.append(_link(request, "danhmuc:synonyms", "Cách gọi, việc đời người", "search"))
    post = [_link(request, "buuchinh:handover", "Bàn giao bưu điện", "truck")] if reach.desks else []
    groups: list[tuple[str, list[Any]]] = [
        ("Công việc", work),
        ("Theo dõi", watch),
        ("Bưu chính", post),
        ("Sổ sách", books),
    ]
    return [
        {"label": label, "items": kept}
        for label, items in groups
        if (kept := [item for item in items if item])
    ]


def _link(
    request: HttpRequest, name: str, label: str, icon: str, *, exact: bool = False
) -> dict[str, Any] | None:
    """A menu line for an address of this installation; none where it has no such page."""
    try:
        url = reverse(name)
    except NoReverseMatch:
        return None
    here = request.path == url if name == "hoso:home" else request.path.startswith(url)
    return {"label": label, "url": url, "icon": icon, "current": here and not exact}
