"""The rules of electronic forms, judged on stored answers: what must be put right, and what is only pointed out.

Messages say what to do, in the words of the label. Each rule of `danhmuc/data/eforms.json` is one entry below.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import formats
from danhmuc import identifiers
from danhmuc.services import calendars
from danhmuc.text import fold
from danhmuc.worktime import add_months
from hoso.services.answers import EMPTY, Spec, partial_date

Answers = Mapping[str, Any]
#: What a pattern means to the person who types.
PATTERNS = {
    r"^\d{4}$": gettext_lazy("gồm đúng 4 chữ số"),
    r"^\d{6,20}$": gettext_lazy("gồm từ 6 đến 20 chữ số"),
    r"^(0[1-9]|1[0-2])/[12]\d{3}$": gettext_lazy("ghi tháng và năm, ví dụ 09/2026"),
}
WHEN = {
    "past": gettext_lazy("phải là ngày trong quá khứ"),
    "not_future": gettext_lazy("không được sau hôm nay"),
    "not_past": gettext_lazy("không được trước hôm nay"),
    "future": gettext_lazy("phải là ngày sau hôm nay"),
}
#: Types whose own field has judged the pattern already.
CHECKED_BY_TYPE = {"person_id"}


@dataclass
class Judgement:
    """Errors stop the page from being complete, warnings do not."""

    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def first_day(value: str) -> date:
    """The first day of a stored date that may be only a year or a month."""
    parts = [int(part) for part in value.split("-")]
    return date(*[*parts, 1, 1][:3])


def last_day(value: str) -> date:
    """The last day of a stored date that may be only a year or a month."""
    parts = [int(part) for part in value.split("-")]
    if len(parts) == 3:
        return date(*parts)
    start = first_day(value)
    return add_months(start, 12 if len(parts) == 1 else 1) - timedelta(days=1)


def judge(spec: Spec, value: Any, answers: Answers) -> Judgement:
    """What is wrong with one stored answer, given the others."""
    found = Judgement()
    if value in EMPTY:
        return found
    for name, rule in spec.get("rules", {}).items():
        check = RULES.get(name)
        if check is None:
            continue
        text = check(spec["label"], spec, value, rule, answers)
        if text:
            (found.warnings if name.startswith("warn_") else found.errors).append(text)
    return found


def _number(value: Any) -> Decimal:
    return Decimal(str(value))


def _minimum(label: str, spec: Spec, value: Any, rule: Any, answers: Answers) -> str:
    return (
        ""
        if _number(value) >= rule
        else _("%(label)s phải từ %(n)s trở lên") % {"label": label, "n": formats.decimal_vi(rule)}
    )


def _maximum(label: str, spec: Spec, value: Any, rule: Any, answers: Answers) -> str:
    return (
        ""
        if _number(value) <= rule
        else _("%(label)s không quá %(n)s") % {"label": label, "n": formats.decimal_vi(rule)}
    )


def _warn_min(label: str, spec: Spec, value: Any, rule: Any, answers: Answers) -> str:
    unit = f" {spec['rules']['unit']}" if spec["rules"].get("unit") else ""
    return (
        ""
        if _number(value) >= rule
        else _("%(label)s dưới %(n)s; kiểm tra lại.")
        % {"label": label, "n": f"{formats.decimal_vi(rule)}{unit}"}
    )


def _min_length(label: str, spec: Spec, value: Any, rule: Any, answers: Answers) -> str:
    return (
        "" if len(value) >= rule else _("%(label)s phải có ít nhất %(n)d ký tự") % {"label": label, "n": rule}
    )


def _max_length(label: str, spec: Spec, value: Any, rule: Any, answers: Answers) -> str:
    return (
        ""
        if len(value) <= rule
        else _("%(label)s dài nhất %(most)d ký tự, đang có %(n)d")
        % {"label": label, "most": rule, "n": len(value)}
    )


def _regex(label: str, spec: Spec, value: Any, rule: str, answers: Answers) -> str:
    if spec["type"] in CHECKED_BY_TYPE or re.fullmatch(rule, value, re.ASCII):
        return ""
    words = PATTERNS.get(rule, gettext_lazy("chưa đúng dạng, kiểm tra lại từng ký tự"))
    return f"{label} {words}"


def _when(kind: str) -> Callable[..., str]:
    def check(label: str, spec: Spec, value: Any, rule: Any, answers: Answers) -> str:
        today: Any = timezone.localdate()
        start: Any
        end: Any
        if spec["type"] == "year":
            start, end, today = value, value, today.year
        else:
            start, end = first_day(value), last_day(value)
        good = {
            "past": start < today or (spec["type"] == "year" and start <= today),
            "not_future": start <= today,
            "not_past": end >= today,
            "future": end > today,
        }[kind]
        return "" if good or not rule else f"{label} {WHEN[kind]}"

    return check


def _not_before(label: str, spec: Spec, value: Any, rule: str, answers: Answers) -> str:
    other = answers.get(rule)
    if not other or last_day(value) >= first_day(other):
        return ""
    return _("%(label)s không được trước ngày %(day)s") % {"label": label, "day": partial_date(other)}


def _working_day(label: str, spec: Spec, value: Any, rule: Any, answers: Answers) -> str:
    if calendars.calendar_for(None).is_working_day(date.fromisoformat(value)):
        return ""
    return _("%(label)s phải là ngày làm việc; ngày %(day)s là ngày nghỉ") % {
        "label": label,
        "day": partial_date(value),
    }


def _min_age(label: str, spec: Spec, value: Any, rule: int, answers: Answers) -> str:
    if add_months(first_day(value), 12 * rule) <= timezone.localdate():
        return ""
    return _("%(label)s: người này phải đủ %(n)d tuổi tính đến hôm nay") % {"label": label, "n": rule}


def _warn_min_age(label: str, spec: Spec, value: Any, rule: int, answers: Answers) -> str:
    young = add_months(first_day(value), 12 * rule) > timezone.localdate()
    words = _("%(label)s: người này chưa đủ %(n)d tuổi; kiểm tra lại điều kiện hưởng.")
    return words % {"label": label, "n": rule} if young else ""


def _max_age(label: str, spec: Spec, value: Any, rule: int, answers: Answers) -> str:
    if add_months(last_day(value), 12 * rule) > timezone.localdate():
        return ""
    return _("%(label)s: thủ tục này dành cho người dưới %(n)d tuổi") % {"label": label, "n": rule}


def _max_age_months(label: str, spec: Spec, value: Any, rule: int, answers: Answers) -> str:
    fresh = add_months(last_day(value), rule) >= timezone.localdate()
    return "" if fresh else _("%(label)s không được cũ hơn %(n)d tháng") % {"label": label, "n": rule}


def _max_months_ahead(label: str, spec: Spec, value: Any, rule: int, answers: Answers) -> str:
    near = first_day(value) <= add_months(timezone.localdate(), rule)
    return (
        ""
        if near
        else _("%(label)s không được xa hơn %(n)d tháng kể từ hôm nay") % {"label": label, "n": rule}
    )


def _max_months_after(label: str, spec: Spec, value: Any, rule: Spec, answers: Answers) -> str:
    start = answers.get(rule["field"])
    if not start or first_day(value) <= add_months(last_day(start), rule["months"]):
        return ""
    words = _("%(label)s không được quá %(n)d tháng kể từ ngày %(day)s")
    return words % {"label": label, "n": rule["months"], "day": partial_date(start)}


def _forbid_words(label: str, spec: Spec, value: Any, rule: list[str], answers: Answers) -> str:
    typed = f" {fold(value)} "
    bad = [word for word in rule if f" {fold(word)} " in typed]
    return _("%(label)s không được có từ “%(word)s”") % {"label": label, "word": bad[0]} if bad else ""


def _forbid_values(label: str, spec: Spec, value: Any, rule: list[Any], answers: Answers) -> str:
    words = _("%(label)s: trường hợp đã chọn không thuộc thủ tục này")
    return words % {"label": label} if value in rule else ""


def _not_value(label: str, spec: Spec, value: Any, rule: Any, answers: Answers) -> str:
    return _("%(label)s: chọn giá trị khác cho thủ tục này") % {"label": label} if value == rule else ""


def _must_be(label: str, spec: Spec, value: Any, rule: Any, answers: Answers) -> str:
    wanted = _("Có") if rule is True else rule
    words = _("%(label)s: phải chọn “%(wanted)s” mới nộp được")
    return "" if value == rule else words % {"label": label, "wanted": wanted}


def _max_items(label: str, spec: Spec, value: Any, rule: int, answers: Answers) -> str:
    return (
        "" if len(value) <= rule else _("%(label)s: khai nhiều nhất %(n)d dòng") % {"label": label, "n": rule}
    )


def _mismatch(label: str, spec: Spec, value: Any, rule: Spec, answers: Answers) -> str:
    if not re.fullmatch(r"\d{12}", value, re.ASCII):
        return ""
    born, gender = answers.get(rule.get("birth_date", "")), answers.get(rule.get("gender", ""))
    return " ".join(
        identifiers.personal_id_warnings(
            value, first_day(born) if born else None, {"nam": "male", "nu": "female"}.get(gender or "", "")
        )
    )


RULES: dict[str, Callable[..., str]] = {
    "min": _minimum,
    "max": _maximum,
    "min_length": _min_length,
    "max_length": _max_length,
    "regex": _regex,
    "past": _when("past"),
    "not_future": _when("not_future"),
    "not_past": _when("not_past"),
    "future": _when("future"),
    "not_before": _not_before,
    "working_day": _working_day,
    "min_age": _min_age,
    "max_age": _max_age,
    "max_age_months": _max_age_months,
    "max_months_ahead": _max_months_ahead,
    "max_months_after": _max_months_after,
    "max_items": _max_items,
    "forbid_words": _forbid_words,
    "forbid_values": _forbid_values,
    "not_value": _not_value,
    "must_be": _must_be,
    "warn_min": _warn_min,
    "warn_min_age": _warn_min_age,
    "warn_if_mismatch": _mismatch,
}


@dataclass(frozen=True)
class Problem:
    """A rule between fields that is broken: where to show it, what to say, whether it only warns."""

    key: str
    text: str
    warning: bool = False


def between(form: Spec, answers: Answers, labels: Mapping[str, str]) -> list[Problem]:
    """The form's own rules between fields; one whose fields are not all answered is passed over."""
    problems = []
    for rule in form.get("rules", []):
        problem = BETWEEN[rule["kind"]](rule, answers, labels)
        if problem is not None:
            problems.append(problem)
    return problems


def _distinct(rule: Spec, answers: Answers, labels: Mapping[str, str]) -> Problem | None:
    given = [answers[key] for key in rule["fields"] if answers.get(key)]
    if len(set(given)) == len(given):
        return None
    words = _("%(label)s: hai người phải có số khác nhau")
    return Problem(rule["fields"][-1], words % {"label": labels[rule["fields"][-1]]})


def _late(rule: Spec, answers: Answers, labels: Mapping[str, str]) -> Problem | None:
    since = answers.get(rule["from"])
    if not since or last_day(since) + timedelta(days=rule["days"]) >= timezone.localdate():
        return None
    return Problem(rule["from"], rule["message"], warning=True)


def _order(rule: Spec, answers: Answers, labels: Mapping[str, str]) -> Problem | None:
    one, other = answers.get(rule["field"]), answers.get(rule["other"])
    if not one or not other or last_day(one) >= first_day(other):
        return None
    words = _("%(label)s không được trước ngày %(day)s")
    return Problem(rule["field"], words % {"label": labels[rule["field"]], "day": partial_date(other)})


def _sum(rule: Spec, answers: Answers, labels: Mapping[str, str]) -> Problem | None:
    def total(group: str, key: str) -> Decimal | None:
        rows = [row.get(key) for row in answers.get(group) or []]
        return sum((_number(v) for v in rows if v not in EMPTY), Decimal(0)) if rows else None

    one, other = total(rule["group"], rule["field"]), total(rule["other_group"], rule["other_field"])
    if one is None or other is None or abs(one - other) <= other * rule["tolerance_percent"] / 100:
        return None
    text = _("%(label)s: tổng %(one)s khác %(other)s ở “%(group)s”; kiểm tra lại.") % {
        "label": labels[rule["group"]],
        "one": formats.decimal_vi(one),
        "other": formats.decimal_vi(other),
        "group": labels[rule["other_group"]],
    }
    return Problem(rule["group"], text, warning=bool(rule.get("warn_only")))


def _exactly_one(rule: Spec, answers: Answers, labels: Mapping[str, str]) -> Problem | None:
    rows = answers.get(rule["group"]) or []
    if not rows or sum(row.get(rule["field"]) == rule["equals"] for row in rows) == 1:
        return None
    words = _("%(label)s: đánh dấu đúng một dòng là chính")
    return Problem(rule["group"], words % {"label": labels[rule["group"]]})


BETWEEN: dict[str, Callable[[Spec, Answers, Mapping[str, str]], Problem | None]] = {
    "distinct": _distinct,
    "warn_days_after": _late,
    "not_before": _order,
    "sum_equals": _sum,
    "exactly_one": _exactly_one,
}
