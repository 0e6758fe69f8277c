"""The national calendar with its true history, the rule sets, and the price lists of the post."""

from collections import defaultdict
from datetime import date, datetime, time
from pathlib import Path

from django.utils import timezone

from danhmuc.loading import files
from danhmuc.loading.sync import Counts, sync
from danhmuc.models import Calendar, CalendarDay, CalendarVersion, PostalTariff, RuleSet
from danhmuc.services import calendars
from danhmuc.worktime import STANDARD_WEEK

FIRST_PUBLISHED = date(2018, 1, 1)
#: The source's word for collecting and handing over fees.
SERVICES = {value: value for value in PostalTariff.Service.values} | {"chuyen_nop_phi_le_phi": "thu_ho"}


def _days(folder: Path) -> list[calendars.Day]:
    rows = files.read_csv(
        folder / "holidays.csv",
        {
            "date": files.day,
            "type": files.one_of(*CalendarDay.Kind.values),
            "name": files.text,
            "basis": files.optional,
            "status": files.one_of("official", "projected"),
        },
        ["date"],
    )
    for row in rows:
        if row["type"] == "swap_work" and row["date"].weekday() < 5:
            raise row.refuse("ngày làm bù phải là thứ Bảy hoặc Chủ nhật")
        if row["type"] in {"swap_off", "compensatory"} and row["date"].weekday() >= 5:
            raise row.refuse("ngày nghỉ bù, nghỉ hoán đổi phải là ngày trong tuần")
    return [
        calendars.Day(r["date"], r["type"], r["name"], r["basis"], r["status"] == "projected") for r in rows
    ]


def load_national_calendar(folder: Path) -> Counts:
    """The calendar version by version, so that a date once printed is explained by what was known then.

    Late announcements (a swap approved a week before) are versions of their own. Afterwards the calendar follows the
    file only when the file changes; what was published in the product meanwhile stays.
    """
    days = _days(folder)
    announced = {
        row["basis"]: (row["announced_on"], row["note"])
        for row in files.read_csv(
            folder / "calendar_announcements.csv",
            {"basis": files.text, "announced_on": files.day, "note": files.text},
            ["basis"],
        )
    }
    mark = files.digest(folder / "holidays.csv", folder / "calendar_announcements.csv")
    calendar = Calendar.objects.filter(key=calendars.NATIONAL).first()
    if calendar is None:
        return _first_load(days, announced, mark)
    if CalendarVersion.objects.filter(calendar=calendar, source_digest=mark).exists():
        return Counts(unchanged=len(days))
    current = {
        row.date: calendars.Day(row.date, row.kind, row.name, row.decision, row.projected)
        for row in CalendarDay.objects.filter(calendar=calendar, removed_in=None)
    }
    add = [day for day in days if current.get(day.on) != day]
    gone = sorted(set(current) - {day.on for day in days})
    if add or gone:
        calendars.publish_calendar_change(
            calendar, add=add, remove=gone, decision="Cập nhật danh mục ngày nghỉ", source_digest=mark
        )
    new = sum(day.on not in current for day in add)
    return Counts(added=new, changed=len(add) - new, unchanged=len(days) - len(add), removed=len(gone))


def _first_load(days: list[calendars.Day], announced: dict[str, tuple[date, str]], mark: str) -> Counts:
    calendar = Calendar.objects.create(key=calendars.NATIONAL, name="Lịch làm việc chung")
    groups: dict[date, list[calendars.Day]] = defaultdict(list)
    notes: dict[date, str] = {}
    for day in days:
        since, note = announced.get(day.decision, (FIRST_PUBLISHED, "Ngày nghỉ theo Bộ luật Lao động"))
        groups[since].append(day)
        notes[since] = note
    week = [
        (weekday, session.start, session.end, True)
        for weekday, sessions in STANDARD_WEEK.items()
        for session in sessions
    ]
    last = max(groups)
    for since in sorted(groups):
        calendars.publish_calendar_change(
            calendar,
            add=groups[since],
            sessions=week if since == FIRST_PUBLISHED else None,
            decision=groups[since][0].decision if since != FIRST_PUBLISHED else "",
            note=notes[since],
            published_at=timezone.make_aware(datetime.combine(since, time(8))),
            source_digest=mark if since == last else "",
        )
    return Counts(added=len(days))


def load_rule_sets(folder: Path) -> Counts:
    """Rule sets, form sets and report sets with their periods."""
    rows = []
    document = files.read_json(folder / "rule_sets.json")
    for kind in RuleSet.Kind.values:
        before: date | None = None
        for node in document[kind]:
            first, last = node["valid_from"].day(), node["valid_to"].day()
            if first is None:
                raise node["valid_from"].refuse("phải có ngày bắt đầu")
            if before and first <= before:
                raise node["valid_from"].refuse("chồng lên bộ đứng trước")
            if last and last < first:
                raise node["valid_to"].refuse("trước ngày bắt đầu")
            before = last
            rows.append(
                {
                    "key": node["key"].text(),
                    "kind": kind,
                    "name": node["name"].text(),
                    "legal_basis": node["legal_basis"].text(),
                    "valid_from": first,
                    "valid_to": last,
                    "values": dict(node["values"].value),
                }
            )
    counts, _ = sync(RuleSet.objects.all(), ("key",), rows)
    return counts


def load_tariffs(folder: Path) -> Counts:
    """Published one-way prices of the post."""
    rows = files.read_csv(
        folder / "postal_tariffs.csv",
        {
            "tariff_id": files.text,
            "service": files.one_of(*SERVICES),
            "scope": files.text,
            "weight_from_g": files.optional_whole,
            "weight_to_g": files.optional_whole,
            "price_vnd": files.whole,
            "step_g": files.optional_whole,
            "valid_from": files.day,
            "valid_to": files.optional_day,
            "source": files.optional,
        },
        ["tariff_id", "service", "scope", "weight_from_g", "valid_from"],
    )
    for row in rows:
        if row["weight_to_g"] is not None and row["weight_to_g"] < (row["weight_from_g"] or 0):
            raise row.refuse("khối lượng đến nhỏ hơn khối lượng từ")
    counts, _ = sync(
        PostalTariff.objects.all(),
        ("tariff_key", "service", "scope", "weight_from", "valid_from"),
        [
            {
                "tariff_key": r["tariff_id"],
                "service": SERVICES[r["service"]],
                "scope": r["scope"],
                "weight_from": r["weight_from_g"] or 0,
                "valid_from": r["valid_from"],
                "weight_to": r["weight_to_g"],
                "price": r["price_vnd"],
                "step": r["step_g"],
                "valid_to": r["valid_to"],
                "source": r["source"],
            }
            for r in rows
        ],
        origins=rows,
    )
    return counts
