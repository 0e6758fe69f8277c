"""How a dossier reads as a row of a list: where it stands, who has it, how much time is left."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse

from config.formats import short_code, vndate, vndatetime, vntime
from danhmuc.worktime import Unit, counting_from, describe_left
from hoso.lifecycle import State
from hoso.models import AgencyTask, Dossier, Handover
from hoso.models.dossiers import DossierQuerySet
from hoso.services.law import Law
from hoso.templatetags.hoso import channel

_TIMELINESS = {
    "EARLY": "Giải quyết trước hạn",
    "ON_TIME": "Giải quyết đúng hạn",
    "OVERDUE": "Giải quyết quá hạn",
}


#: What a row reads, and nothing more: a page holds many rows, and every column of every row costs.
_COLUMNS = (
    "state", "hold_kind", "submission_ref", "code", "channel", "owner_name", "return_by", "timeliness",
    "accepted_at", "intake_due_at", "due_at", "wait_until", "finished_at", "completed_at", "result_issued_at",
    "version__name", "version__time_unit", "resolving_agency__path", "holder__full_name",
)  # fmt: skip


def for_rows(page: DossierQuerySet) -> list[Dossier]:
    """What the rows of one page show, read in a fixed number of queries; `page` is an ordered slice.

    The slice is found first, by a statement of its own: joined with everything its rows show, PostgreSQL puts
    together thousands of dossiers in order to keep twenty-five.
    """
    tasks = (
        AgencyTask.objects.filter(status__in=["sent", "signed_for"])
        .select_related("assignee", "agency")
        .only("dossier_id", "name", "assignee__full_name", "agency__name")
    )
    handovers = (
        Handover.objects.filter(signed_at=None, recalled_at=None)
        .select_related("to_agency", "to_user")
        .only("dossier_id", "what", "to_agency__name", "to_user__full_name")
    )
    here = list(page.values_list("pk", flat=True))
    place = {pk: number for number, pk in enumerate(here)}
    found = (
        Dossier.objects.filter(pk__in=here)
        .select_related("version", "resolving_agency", "holder")
        .only(*_COLUMNS)
        .prefetch_related(
            Prefetch("tasks", tasks.order_by("order", "seq"), to_attr="running"),
            Prefetch("handovers", handovers.order_by("seq"), to_attr="underway"),
        )
    )
    return sorted(found.order_by(), key=lambda dossier: place[dossier.pk])


def rows(dossiers: Iterable[Dossier], now: datetime, law: Law, *, action: str = "Mở") -> list[dict[str, Any]]:
    """The rows of a page, for templates/hoso/_rows.html. Dossiers come from `for_rows`."""
    return [row(dossier, now, law, action) for dossier in dossiers]


def row(dossier: Dossier, now: datetime, law: Law, action: str) -> dict[str, Any]:
    """One row."""
    left, note = time_left(dossier, now, law)
    where, who = standing(dossier)
    level = left["level"] if left else ""
    code = dossier.public_code
    return {
        "dossier": dossier,
        "ref": dossier.submission_ref,
        "code": code,
        "short": short_code(code),
        "name": dossier.version.name,
        "owner": dossier.owner_name,
        "via": channel(dossier),
        "url": reverse("hoso:dossier", args=[dossier.submission_ref]),
        "left": left,
        "note": note,
        "step": where,
        "who": who,
        "css": level if level in {"late", "soon"} else "",
        "action": action,
    }


def standing(dossier: Dossier) -> tuple[str, str]:
    """The step a dossier is at, and who has it. `running` and `underway` are prefetched by `for_rows`."""
    running: list[AgencyTask] = dossier.running
    underway: list[Handover] = dossier.underway
    holder = dossier.holder.full_name if dossier.holder else ""
    if dossier.state in {State.SUBMITTED, State.INTAKE_HOLD}:
        return ("Chờ kiểm tra" if dossier.state == State.SUBMITTED else "Chờ hoàn thiện"), "Bộ phận Một cửa"
    if underway and dossier.state in {State.PROCESSING, State.DECIDED}:
        to = underway[0].to_user.full_name if underway[0].to_user else underway[0].to_agency.name
        return ("Chờ ký nhận kết quả" if underway[0].what == Handover.What.RESULT else "Chờ ký nhận"), to
    if dossier.state == State.PROCESSING and running:
        task = running[0]
        return task.name, task.assignee.full_name if task.assignee else task.agency.name
    if dossier.state == State.ON_HOLD:
        return "Chờ người nộp", running[0].agency.name if running else holder
    if dossier.state == State.DECIDED:
        if dossier.result_issued_at is None and running:
            return running[0].name, running[0].agency.name
        by_post = dossier.return_by == Dossier.ReturnBy.POST
        return ("Trả qua bưu điện" if by_post else "Trả kết quả"), "Bộ phận Một cửa"
    return dossier.get_state_display(), holder


def time_left(
    dossier: Dossier, now: datetime, law: Law, since: datetime | None = None
) -> tuple[dict[str, str] | None, str]:
    """The due badge of a dossier, and the words under it. `since`: from when its running clock counts, where known."""
    calendar = law.calendar(dossier.resolving_agency, now)
    if dossier.state == State.SUBMITTED:
        if dossier.intake_due_at is None:
            return {"text": "Chờ nộp phí", "level": "wait"}, "Chưa tính thời gian kiểm tra"
        left = describe_left(calendar, now, dossier.intake_due_at, unit=Unit.WORKING_HOUR)
        return {
            "text": left.text,
            "level": left.level,
        }, f"Kiểm tra trước {_short(dossier.intake_due_at, now)}"
    if dossier.state in {State.INTAKE_HOLD, State.ON_HOLD}:
        until = f"Chờ đến {vndate(dossier.wait_until)}" if dossier.wait_until else "Đến khi nộp đủ"
        if dossier.wait_until and dossier.wait_until < now:
            return {"text": "Hết hạn chờ", "level": "late"}, until
        return {"text": "Tạm dừng", "level": "wait"}, until
    if dossier.state == State.PROCESSING and dossier.due_at and dossier.accepted_at:
        unit = Unit(dossier.version.time_unit)
        begins = since or counting_from(dossier.accepted_at, now, unit)
        left = describe_left(calendar, begins, dossier.due_at, unit=unit)
        return {"text": left.text, "level": left.level}, f"Hẹn {_short(dossier.due_at, now)}"
    if dossier.state == State.DECIDED:
        return {"text": "Đã có kết quả", "level": "off"}, _TIMELINESS.get(dossier.timeliness, "")
    done = dossier.completed_at or dossier.finished_at
    return None, vndatetime(done) if done else ""


def _short(moment: datetime, now: datetime) -> str:
    """Hour for today, day for the rest."""
    return vntime(moment) if vndate(moment) == vndate(now) else f"{vntime(moment)} {vndate(moment)}"
