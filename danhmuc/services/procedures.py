"""Publishing procedure versions: what must be there, and how the former version gives way."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from danhmuc.models import ChargeRule, Component, Procedure, ProcedureVersion, RouteStep

#: The national completeness test (QĐ766 indicator 1.3; NĐ 63/2010 Art 8.2), letter by letter.
PARTS = (
    ("name", "a) tên thủ tục"),
    ("steps_text", "b) trình tự thực hiện"),
    ("methods_text", "c) cách thức thực hiện"),
    ("components", "d) thành phần, số lượng hồ sơ"),
    ("time", "đ) thời hạn giải quyết"),
    ("subjects", "e) đối tượng thực hiện"),
    ("executing", "g) cơ quan thực hiện"),
)


class NotPublishable(Exception):
    """The version lacks something; `missing` lists it in words for the person who edits it."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__("Chưa công khai được, còn thiếu hoặc sai: " + "; ".join(missing) + ".")


def missing_parts(fields: Mapping[str, Any], has_components: bool) -> list[str]:
    """Which of the seven parts a version lacks, in words."""
    present = {name: bool(fields.get(name)) for name, _ in PARTS}
    present["components"] = has_components
    present["time"] = bool(fields.get("time_value")) or fields.get("time_unit") in {"same_day", "immediate"}
    return [words for name, words in PARTS if not present[name]]


def longest_path(steps: Iterable[RouteStep]) -> int:
    """Percent of the limit along the longest path: steps of one order run side by side (domain §9.2 rule 2)."""
    longest: dict[int, int] = defaultdict(int)
    for step in steps:
        longest[step.order] = max(longest[step.order], step.share)
    return sum(longest.values())


@transaction.atomic
def publish_version(version: ProcedureVersion) -> ProcedureVersion:
    """Freeze a draft and put it in force from its `valid_from`; the former version is retired the day before.

    Raises NotPublishable with the list of what is missing, ValueError when it is no draft.
    """
    version = ProcedureVersion.objects.select_for_update().get(pk=version.pk)
    if version.status != ProcedureVersion.Status.DRAFT:
        raise ValueError(f"{version} không còn là bản đang soạn.")
    fields = {f.attname: getattr(version, f.attname) for f in version._meta.concrete_fields}
    missing = missing_parts(fields, version.components.exists())
    route = list(version.route.all())
    if not route:
        missing.append("quy trình điện tử")
    elif (total := longest_path(route)) > 100:
        missing.append(f"quy trình điện tử cộng theo nhánh dài nhất là {total} %, tối đa 100 %")
    former = (
        Procedure.objects.select_for_update(of=("self",))
        .select_related("current")
        .get(pk=version.procedure_id)
        .current
    )
    if former and version.valid_from <= former.valid_from:
        missing.append(
            f"ngày áp dụng phải sau ngày áp dụng của bản {former.number} ({former.valid_from:%d/%m/%Y})"
        )
    if version.valid_from > timezone.localdate():
        # The present version must stay the current one until then.
        missing.append(f"ngày áp dụng {version.valid_from:%d/%m/%Y} chưa đến, hãy công khai vào ngày đó")
    if missing:
        raise NotPublishable(missing)
    publish_many([version])
    version.refresh_from_db()
    return version


def publish_many(versions: list[ProcedureVersion]) -> None:
    """Put checked drafts in force together. Callers have checked completeness and hold a transaction."""
    by_procedure = {version.procedure_id: version for version in versions}
    former = ProcedureVersion.objects.filter(
        procedure_id__in=by_procedure, status=ProcedureVersion.Status.PUBLISHED
    )
    for old in former:
        old.status = ProcedureVersion.Status.RETIRED
        old.valid_to = max(old.valid_from, by_procedure[old.procedure_id].valid_from - timedelta(days=1))
        old.save(update_fields=["status", "valid_to"])
    ProcedureVersion.objects.filter(pk__in=[v.pk for v in versions]).update(
        status=ProcedureVersion.Status.PUBLISHED, published_at=timezone.now()
    )
    procedures = [Procedure(pk=v.procedure_id, current=v) for v in versions]
    Procedure.objects.bulk_update(procedures, ["current"], batch_size=500)


@transaction.atomic
def draft_from(version: ProcedureVersion) -> ProcedureVersion:
    """A new draft with the content of a version, to be edited and published as the next one."""
    source = ProcedureVersion.objects.get(pk=version.pk)
    last = ProcedureVersion.objects.filter(procedure_id=source.procedure_id).order_by("-number").first()
    components, fees = list(source.components.all()), list(source.charge_rules.all())
    route = list(source.route.all())
    source.pk, source._state.adding = None, True
    source.number = last.number + 1 if last else 1
    source.status, source.published_at = ProcedureVersion.Status.DRAFT, None
    source.valid_from, source.valid_to, source.fingerprint = timezone.localdate(), None, ""
    source.save()
    parts: list[Component | ChargeRule | RouteStep] = [*components, *fees, *route]
    for part in parts:
        part.pk, part._state.adding, part.version = None, True, source
    Component.objects.bulk_create(components)
    ChargeRule.objects.bulk_create(fees)
    RouteStep.objects.bulk_create(route)
    return source


def version_on(procedure: Procedure, on: date) -> ProcedureVersion | None:
    """The version in force on a day, published or since retired; the later one when two meet."""
    return (
        procedure.versions.exclude(status=ProcedureVersion.Status.DRAFT)
        .filter(valid_from__lte=on)
        .exclude(valid_to__lt=on)
        .order_by(F("number").desc())
        .first()
    )
