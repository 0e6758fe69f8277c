"""What stands above a table: the main figures, how they moved, and agencies side by side."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from baocao.reports.base import Row, Tally
from baocao.reports.layouts import ON_TIME, RECEIVED, RESOLVED, TIMELY
from baocao.reports.on_time import OnTime
from config.formats import decimal_vi, dong, percent

NO_DATA = "không có số liệu"
_NEW = RECEIVED[:4]


def share(part: int, whole: int) -> float | None:
    """A ratio between 0 and 1; None where there is nothing to divide by (domain §17.3)."""
    return part / whole if whole else None


def timely(tally: Tally) -> float | None:
    """Resolved early or on time, of all resolved."""
    return share(tally.get(*TIMELY), tally.get(*RESOLVED))


def shown(ratio: float | None, places: int = 1) -> str:
    """97,8%, or that there are no figures."""
    return NO_DATA if ratio is None else percent(ratio, places)


def kpis(now: Tally, before: Tally, link: Callable[[tuple[str, ...]], str]) -> list[dict[str, Any]]:
    """The main figures with how they moved since the period compared with; items of components/kpis.html.

    `link` gives the address of the dossiers of some classes: a ratio opens those above the line.
    """
    new, old = now.get(*_NEW), before.get(*_NEW)
    online = ("full", "partial")
    return [
        {"label": "Tiếp nhận trong kỳ", "value": dong(new), "url": link(_NEW)} | _grown(new, old),
        {"label": "Đã giải quyết", "value": dong(now.get(*RESOLVED)), "url": link(RESOLVED)}
        | _grown(now.get(*RESOLVED), before.get(*RESOLVED)),
        {"label": "Trước và đúng hạn", "value": shown(timely(now)), "url": link(TIMELY)}
        | _moved(timely(now), timely(before)),
        {"label": "Nộp trực tuyến", "value": shown(share(now.get(*online), new)), "url": link(online)}
        | _moved(share(now.get(*online), new), share(before.get(*online), old)),
        {"label": "Qua bưu chính", "value": shown(share(now.get("post"), new)), "url": link(("post",))}
        | _moved(share(now.get("post"), new), share(before.get("post"), old)),
        {"label": "Còn quá hạn", "value": dong(now.get("late")), "url": link(("late",))}
        | _counted(now.get("late"), before.get("late")),
    ]


def bars(report: OnTime, rows: list[Row], address: str, most: int = 20) -> list[dict[str, Any]]:
    """Agencies by their share in time, lowest first; items of components/barlist.html."""
    ranked = sorted(
        (row for row in rows if row.tally.get(*RESOLVED)), key=lambda row: (timely(row.tally), row.label)
    )
    return [
        _bar(row, f"{address}?{urlencode({'don_vi': row.key, 'ky': report.period.key})}")
        for row in ranked[:most]
    ]


def _bar(row: Row, url: str) -> dict[str, Any]:
    whole = row.tally.get(*RESOLVED)
    parts, x = [], 0.0
    for names, fill in ((("early",), "early"), (ON_TIME, "ok"), (("overdue",), "late")):
        width = round(100 * row.tally.get(*names) / whole, 2)
        parts.append({"x": round(x, 2), "width": width, "fill": fill})
        x += width
    late = row.tally.get("overdue")
    return {
        "text": row.label,
        "value": shown(timely(row.tally)),
        "note": f"· {dong(late)} quá hạn",
        "url": url,
        "parts": parts,
    }


def legend(target: float | None) -> list[dict[str, str]]:
    """What the colours of `bars` mean, and the province's target where it has set one."""
    colours = [
        {"text": "Trước hạn", "fill": "early"},
        {"text": "Đúng hạn", "fill": "ok"},
        {"text": "Quá hạn", "fill": "late"},
    ]
    mark = [{"text": f"Chỉ tiêu {decimal_vi(target)}%", "fill": "mark"}] if target else []
    return [*colours, *mark]


def _grown(now: int, before: int) -> dict[str, Any]:
    """In percent of before; words only, because more work is neither good nor bad."""
    if not before:
        return {}
    change = (now - before) / before
    return {"delta": f"{_way(change)} {percent(abs(change))}", "way": _arrow(change)} if change else _same()


def _moved(now: float | None, before: float | None) -> dict[str, Any]:
    """In points; more is better."""
    if now is None or before is None:
        return {}
    points = round(100 * (now - before), 1)
    if not points:
        return _same()
    return {
        "delta": f"{_way(points)} {decimal_vi(abs(points), 1)} điểm",
        "way": _arrow(points),
        "level": "ok" if points > 0 else "late",
    }


def _counted(now: int, before: int) -> dict[str, Any]:
    """In dossiers; fewer is better."""
    change = now - before
    if not change:
        return _same()
    return {
        "delta": f"{_way(change)} {dong(abs(change))} hồ sơ",
        "way": _arrow(change),
        "level": "late" if change > 0 else "ok",
    }


def _same() -> dict[str, Any]:
    return {"delta": "không đổi"}


def _way(change: float) -> str:
    return "tăng" if change > 0 else "giảm"


def _arrow(change: float) -> str:
    return "up" if change > 0 else "down"
