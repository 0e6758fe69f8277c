"""The national index, sectors, everyday words and life events, and the full procedures."""

from collections import Counter as Tally
from pathlib import Path
from typing import Any

from django.utils import timezone

from danhmuc.loading import charges, contents, files
from danhmuc.loading.agencies import FIRST_DAY
from danhmuc.loading.eforms import FormBook
from danhmuc.loading.sync import BATCH, Counts, check_lengths, sync
from danhmuc.models import (
    ChargeRule,
    Component,
    Field,
    LifeEvent,
    Procedure,
    ProcedureVersion,
    RouteStep,
    Synonym,
)
from danhmuc.services import procedures as publishing
from danhmuc.text import calm, fold

LEVEL_WORDS = {"tinh": "Cấp tỉnh", "xa": "Cấp xã", "bo": "Cấp bộ", "khac": "Cơ quan khác"}
UNIT_WORDS = contents.UNIT_WORDS | {"": ""}
#: Kind of a procedure between agencies, which no applicant asks for.
INTERNAL = "noi_bo"


def load_fields(folder: Path) -> tuple[Counts, dict[str, int]]:
    """Sectors; primary keys by code."""
    rows = files.read_csv(
        folder / "fields.csv", {"field_code": files.text, "field": files.text}, ["field_code"]
    )
    counts, keys = sync(
        Field.objects.all(),
        ("code",),
        [{"code": r["field_code"], "name": r["field"], "folded_name": fold(r["field"])} for r in rows],
        origins=rows,
    )
    return counts, {identity[0]: pk for identity, pk in keys.items()}


def _subjects(folder: Path) -> dict[str, str]:
    return {code: node.text() for code, node in files.read_json(folder / "subject_types.json").items()}


def _full_entries(folder: Path) -> list[files.Node]:
    entries = list(files.read_json(folder / "procedures.json")["procedures"])
    seen: dict[str, str] = {}
    for node in entries:
        code = node["code"].text()
        if code in seen:
            raise node.refuse(f"trùng mã {code} với {seen[code]}")
        seen[code] = node.at
    return entries


def load_index(folder: Path, fields: dict[str, int]) -> Counts:
    """The whole national index. A code that is no longer listed stays, marked as not current."""
    subjects = _subjects(folder)
    home = files.read_json(folder / "agencies.json")["province"]["agency_code"].text()
    of_ministry = {
        node["code"].text(): _processing_system(node.value)
        for node in _full_entries(folder)
        if node.value["vertical"]
    }
    rows = files.read_csv(
        folder / "procedures_index.csv",
        {
            "code": files.text,
            "name": files.text,
            "field_code": files.text,
            "promulgating_code": files.optional,
            "promulgating": files.optional,
            "type": files.optional,
            "levels": files.optional,
            "executing": files.optional,
            "channels": files.optional,
            "sla_qty": files.optional_amount,
            "sla_unit": files.one_of(*UNIT_WORDS),
            "service_level": files.one_of("mot_phan", "toan_trinh", "thong_tin"),
            "subjects": files.optional,
            "documents": files.whole,
            "results": files.optional,
            "decision_no": files.optional,
            "vertical": files.flag,
            "non_territorial": files.flag,
            "portal_updated": files.optional_day,
            "source_id": files.optional,
        },
        ["code"],
    )
    wanted = []
    for row in rows:
        if row["field_code"] not in fields:
            raise row.refuse(f"lĩnh vực “{row['field_code']}” không có trong fields.csv")
        wanted.append(
            {
                "code": row["code"],
                "name": calm(row["name"]),
                "field_id": fields[row["field_code"]],
                "promulgating": row["promulgating"],
                "levels": [w for w in row["levels"].split(";") if w],
                "executing": row["executing"][:700],
                "channels": [w for w in row["channels"].split(";") if w],
                # One row of the source carries a code of no list; it says nothing to a reader and is left out.
                "subjects": [subjects[s] for s in row["subjects"].split(";") if s in subjects],
                "results": row["results"],
                "documents": row["documents"],
                "service_level": row["service_level"],
                "time_text": f"{row['sla_qty']:0>2} {UNIT_WORDS[row['sla_unit']]}"
                if row["sla_qty"] not in {"", "0"}
                else "",
                "decision_no": row["decision_no"],
                "vertical": row["vertical"],
                "non_territorial": row["non_territorial"],
                "processing_system": of_ministry.get(
                    row["code"],
                    Procedure.ProcessingSystem.MINISTRY.value
                    if row["vertical"]
                    else Procedure.ProcessingSystem.PROVINCIAL.value,
                ),
                "portal_updated_on": row["portal_updated"],
                "source_id": row["source_id"],
                "other_province": _other_province(row["promulgating_code"], row["promulgating"], home),
                "is_internal": row["type"] == INTERNAL,
                "is_current": True,
            }
        )
    counts, _ = sync(Procedure.objects.all(), ("code",), wanted, origins=rows)
    listed = {row["code"] for row in wanted}
    gone = [
        pk
        for pk, code in Procedure.objects.filter(is_current=True).values_list("pk", "code")
        if code not in listed
    ]
    counts.removed = Procedure.objects.filter(pk__in=gone).update(is_current=False)
    return counts


def _other_province(code: str, promulgating: str, home: str) -> str:
    """The province whose own procedure it is, unless it is ours: codes of provinces begin with H."""
    if not code.startswith("H") or code.split(".")[0] == home:
        return ""
    return promulgating.rpartition(" - ")[2].removeprefix("UBND ")[:80]


def _processing_system(entry: dict[str, Any]) -> str:
    """Police and company registration run on their ministry's system; what a commune resolves stays with us."""
    theirs = entry["group"] in {"cu_tru", "doanh_nghiep"} or all(
        r.startswith("CA_") for r in entry["agency_roles"]
    )
    systems = Procedure.ProcessingSystem
    return (systems.MINISTRY if theirs else systems.PROVINCIAL).value


def load_synonyms(folder: Path) -> Counts:
    """Everyday words. Matching is on the folded phrase, recomputed by our own folding."""
    events = {node["id"].text() for node in files.read_json(folder / "life_events.json")["events"]}
    known = {
        Synonym.Target.PROCEDURE.value: (codes := set(Procedure.objects.values_list("code", flat=True))),
        Synonym.Target.PROCEDURE_INDEX.value: codes,
        Synonym.Target.FIELD.value: set(Field.objects.values_list("code", flat=True)),
        Synonym.Target.LIFE_EVENT.value: events,
    }
    rows = files.read_csv(
        folder / "synonyms.csv",
        {
            "phrase": files.text,
            "folded": files.text,
            "target_kind": files.one_of(*Synonym.Target.values),
            "target": files.text,
            "weight": files.whole,
            "note": files.optional,
        },
        ["folded", "target_kind", "target"],
    )
    wanted: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rows:
        if row["target_kind"] == Synonym.Target.ELSEWHERE:
            if not row["note"]:
                raise row.refuse("việc của nơi khác phải ghi chú nơi giải quyết")
        elif row["target"] not in known[row["target_kind"]]:
            raise row.refuse(f"đích “{row['target']}” không có trong danh mục")
        if not 1 <= row["weight"] <= 100:
            raise row.refuse("trọng số phải từ 1 đến 100")
        identity = fold(row["phrase"]), row["target_kind"], row["target"]
        wanted.setdefault(
            identity,
            {
                "folded": identity[0],
                "target_kind": identity[1],
                "target": identity[2],
                "words": sorted(set(identity[0].split())),
                "phrase": row["phrase"],
                "weight": row["weight"],
                "note": row["note"],
            },
        )
    # What a person changed or removed is theirs; the file speaks for the rest.
    theirs = set(Synonym.objects.exclude(edited_at=None).values_list("folded", "target_kind", "target"))
    counts, _ = sync(
        Synonym.objects.filter(edited_at=None),
        ("folded", "target_kind", "target"),
        [row for identity, row in wanted.items() if identity not in theirs],
        remove=True,
    )
    return counts


def load_life_events(folder: Path) -> Counts:
    """Situations with the procedures people then need, in order."""
    codes = set(Procedure.objects.values_list("code", flat=True))
    wanted = []
    for place, node in enumerate(files.read_json(folder / "life_events.json")["events"], 1):
        for step in node["steps"]:
            if step["code"].text() not in codes:
                raise step.refuse(f"thủ tục {step.get('code')} không có trong danh mục")
            step["line"].text()
        wanted.append(
            {
                "key": node["id"].text(),
                "kind": node["kind"].text(),
                "title": node["title"].text(),
                "summary": node["summary"].text(),
                "steps": node["steps"].value,
                "order": place,
            }
        )
    theirs = set(LifeEvent.objects.exclude(edited_at=None).values_list("key", flat=True))
    counts, _ = sync(
        LifeEvent.objects.filter(edited_at=None),
        ("key",),
        [row for row in wanted if row["key"] not in theirs],
        remove=True,
    )
    return counts


def load_versions(folder: Path, agencies: dict[str, int]) -> Counts:
    """Full procedures as published versions. Changed content becomes the next version; the old one is retired.

    The first version applies from the first day of the agencies' data: no earlier content is held, and dossiers of
    those years must stand on something. A later one applies from the day it is loaded.
    """
    book, central = FormBook(folder), charges.read_central(folder)
    procedures = {p.code: p for p in Procedure.objects.only("pk", "code", "current_id")}
    numbers: Tally[int] = Tally()
    imported: dict[int, str] = {}
    for procedure, number, fingerprint in ProcedureVersion.objects.order_by("number").values_list(
        "procedure_id", "number", "fingerprint"
    ):
        numbers[procedure] = number
        if fingerprint:
            imported[procedure] = fingerprint
    counts, today, fresh = Counts(), timezone.localdate(), []
    for node in _full_entries(folder):
        code = node["code"].text()
        if code not in procedures:
            raise node.refuse(f"thủ tục {code} không có trong procedures_index.csv")
        try:
            content = contents.build(node, book, central)
        except (KeyError, TypeError) as error:
            raise node.refuse(f"thiếu hoặc sai kiểu dữ liệu: {error}") from None
        lost = publishing.missing_parts(content.fields, bool(content.components))
        if lost:
            raise node.refuse("chưa đủ bộ phận tạo thành để công khai: " + "; ".join(lost))
        check_lengths(ProcedureVersion, [content.fields], [node])
        check_lengths(Component, content.components, [node["documents"]] * len(content.components))
        check_lengths(ChargeRule, content.charges, [node["channels"]] * len(content.charges))
        mark, owner = content.fingerprint(), procedures[code].pk
        if imported.get(owner) == mark:
            counts.unchanged += 1
            continue
        first = numbers[owner] == 0
        version = ProcedureVersion(
            procedure_id=owner,
            number=numbers[owner] + 1,
            valid_from=FIRST_DAY if first else today,
            fingerprint=mark,
            **content.fields,
        )
        fresh.append((version, content))
        counts.added += first
        counts.changed += not first
    _store(fresh, agencies)
    return counts


def _store(fresh: list[tuple[ProcedureVersion, contents.Content]], agencies: dict[str, int]) -> None:
    ProcedureVersion.objects.bulk_create([version for version, _ in fresh], batch_size=BATCH)
    Component.objects.bulk_create(
        [Component(version=v, **row) for v, c in fresh for row in c.components], batch_size=BATCH
    )
    ChargeRule.objects.bulk_create(
        [ChargeRule(version=v, **row) for v, c in fresh for row in c.charges], batch_size=BATCH
    )
    RouteStep.objects.bulk_create(
        [
            RouteStep(
                version=v,
                agency_id=agencies[key] if (key := row["agency"]) else None,
                **_without(row, "agency"),
            )
            for v, c in fresh
            for row in c.route
        ],
        batch_size=BATCH,
    )
    publishing.publish_many([version for version, _ in fresh])


def _without(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {k: v for k, v in row.items() if k != name}
