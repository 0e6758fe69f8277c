"""The agency tree of both eras, who took over from whom, and the one-stop desks.

The source lists districts but not the communes of the three-level era; their committees and desks follow by rule
from the list of communes (source "rule"), for their dossiers had to be finished by a successor.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from danhmuc.loading import files
from danhmuc.loading.places import LAST_DAY_OF_DISTRICTS, PlaceIds
from danhmuc.loading.sync import BATCH, Counts, sync
from danhmuc.models import Agency, AgencySuccession, Desk, Place, PlaceSuccession
from danhmuc.text import fold

FIRST_DAY = date(2021, 1, 10)
LEVELS = {"tinh": Agency.Level.PROVINCE, "huyen": Agency.Level.DISTRICT, "xa": Agency.Level.COMMUNE}
SHORTER = (
    ("Ủy ban nhân dân ", "UBND "),
    ("Trung tâm Phục vụ hành chính công ", "TTPVHCC "),
    ("Bộ phận Tiếp nhận và Trả kết quả ", "BPMC "),
    ("Văn phòng Đăng ký đất đai ", "VPĐKĐĐ "),
    ("Điểm Bưu điện - Văn hóa ", "BĐVHX "),
)


@dataclass
class Node:
    """One agency on its way into the table."""

    values: dict[str, Any]
    parent: str | None
    origin: files.Node
    replaced_by: list[str] = field(default_factory=list)
    one_stop: bool = False


def short_name(name: str) -> str:
    """The name as people shorten it, also the unit part of sign-in names."""
    for long, short in SHORTER:
        if name.startswith(long):
            return short + name[len(long) :]
    return name[:120]


def _values(key: str, name: str, kind: str, level: str, **more: Any) -> dict[str, Any]:
    return {
        "key": key,
        "identifier": "",
        "legacy_identifier": "",
        "identifier_is_sample": False,
        "name": name,
        "folded_name": fold(name),
        "short_name": short_name(name),
        "kind": kind,
        "level": level,
        "resolver_key": "",
        "parent_id": None,
        "place_id": None,
        "address": "",
        "phone": "",
        "source": "",
        "valid_from": None,
        "valid_to": None,
    } | more


def _resolver_key(key: str, kind: str, level: str, roles: set[str]) -> str:
    if kind == "ubnd" and level == "xa":
        return "UBND_XA"
    if kind == "ubnd" and level == "huyen":
        return "UBND_HUYEN"
    if kind == "nganh_doc" and level == "xa":
        return "CA_XA"
    return key if key in roles else ""


def _place(ids: PlaceIds, node: files.Node, code: str, level: str) -> int:
    level_key = {
        "xa": (Place.Era.TWO_LEVEL.value, "commune"),
        "huyen": (Place.Era.THREE_LEVEL.value, "district"),
    }
    try:
        return ids[(*level_key[level], code)]
    except KeyError:
        raise node.refuse(f"unit_code “{code}” không có trong danh sách đơn vị hành chính") from None


def _state_nodes(document: files.Node, ids: PlaceIds) -> Iterator[tuple[files.Node, Node]]:
    roles = {key for key, _ in document["roles"].items()}
    verticals = set()
    for node in document["agencies"]:
        key, name, kind = node["key"].text(), node["name"].text(), node["kind"].text()
        level = node["level"].one_of(LEVELS)
        parent = node.get("parent")
        if kind == "nganh_doc" or parent in verticals:
            verticals.add(key)
        unit = node.get("unit_code")
        yield (
            node,
            Node(
                _values(
                    key,
                    name,
                    kind,
                    (Agency.Level.CENTRAL_VERTICAL if key in verticals else LEVELS[level]).value,
                    identifier=node.get("code") or "",
                    legacy_identifier=node.get("code_qcvn102") or "",
                    identifier_is_sample=node.get("code_status") == "demo",
                    resolver_key=_resolver_key(key, kind, level, roles),
                    place_id=_place(ids, node, unit, level) if unit else None,
                    address=node.get("address") or "",
                    phone=node.get("phone") or "",
                    source=node["verified"].text(),
                    valid_from=node["valid_from"].day(),
                    valid_to=node["valid_to"].day(),
                ),
                parent,
                node,
                list(node.get("replaced_by") or []),
                bool(node.get("one_stop")),
            ),
        )


def _post_nodes(document: files.Node, ids: PlaceIds) -> Iterator[tuple[files.Node, Node]]:
    for node in document["postal_units"]:
        unit = node.get("unit_code")
        yield (
            node,
            Node(
                _values(
                    node["key"].text(),
                    node["name"].text(),
                    node["kind"].text(),
                    Agency.Level.POST.value,
                    place_id=_place(
                        ids, node, unit, "huyen" if node.get("kind") == "buu_dien_huyen" else "xa"
                    )
                    if unit
                    else None,
                    source=node["verified"].text(),
                    valid_from=node["valid_from"].day() if node.get("valid_from") else None,
                    valid_to=node["valid_to"].day() if node.get("valid_to") else None,
                ),
                node.get("parent"),
                node,
            ),
        )


def _old_commune_nodes(province: str, nodes: dict[str, Node], ids: PlaceIds) -> Iterator[Node]:
    """Committees and desks of the communes of the three-level era, with sample identifiers below their district."""
    communes = (
        Place.objects.filter(era="3", level="commune", parent__parent_id=ids["3", "province", province])
        .order_by("code")
        .values_list("pk", "code", "name", "parent__code")
    )
    serial: Counter[str] = Counter()
    for pk, code, name, district in communes:
        above = f"UBND_H_{district}"
        if above not in nodes:
            continue
        serial[above] += 1
        lower = name[0].lower() + name[1:]
        root, group = nodes[above].values["identifier"], 20 + serial[above]
        last = nodes[above].values["identifier"].rsplit(".", 1)[-1]
        period = {
            "valid_from": FIRST_DAY,
            "valid_to": LAST_DAY_OF_DISTRICTS,
            "source": "rule",
            "place_id": pk,
        }
        key = f"UBND_XC_{code}"
        yield Node(
            _values(
                key,
                f"Ủy ban nhân dân {lower}",
                "ubnd",
                Agency.Level.COMMUNE.value,
                identifier=f"{root}.{group}",
                legacy_identifier=f"000.{group:02d}.{last}.{root.split('.')[0]}",
                identifier_is_sample=True,
                resolver_key="UBND_XA",
                **period,
            ),
            above,
            nodes[above].origin,
        )
        yield Node(
            _values(
                f"{key}_BPMC",
                f"Bộ phận Tiếp nhận và Trả kết quả {lower}",
                "mot_cua",
                Agency.Level.COMMUNE.value,
                identifier=f"{root}.{group}.01",
                legacy_identifier=f"001.{group:02d}.{last}.{root.split('.')[0]}",
                identifier_is_sample=True,
                **period,
            ),
            key,
            nodes[above].origin,
            one_stop=True,
        )


def _levels(nodes: dict[str, Node]) -> Iterator[list[Node]]:
    """Agencies from the roots downwards, one generation at a time."""
    children: dict[str | None, list[Node]] = defaultdict(list)
    for node in nodes.values():
        children[node.parent].append(node)
    generation = children[None]
    while generation:
        yield generation
        generation = [child for node in generation for child in children[node.values["key"]]]


def load_agencies(folder: Path, ids: PlaceIds) -> tuple[dict[str, Counts], dict[str, int]]:
    """The tree with successions and desks. Returns counts by kind and primary keys by agency key."""
    document = files.read_json(folder / "agencies.json")
    province = document["province"]["unit_code"].text()
    nodes: dict[str, Node] = {}
    seen: dict[str, files.Node] = {}
    for source, node in [*_state_nodes(document, ids), *_post_nodes(document, ids)]:
        key = node.values["key"]
        if key in seen:
            raise source.refuse(f"trùng khóa “{key}” với {seen[key].at}")
        seen[key], nodes[key] = source, node
    for old in list(_old_commune_nodes(province, nodes, ids)):
        nodes[old.values["key"]] = old
    for key, source in seen.items():
        for other in [nodes[key].parent, *nodes[key].replaced_by]:
            if other is not None and other not in nodes:
                raise source.refuse(f"nhắc tới cơ quan “{other}” không có trong tệp")
    counts, pks = Counts(), dict[str, int]()
    placed = 0
    for generation in _levels(nodes):
        for node in generation:
            node.values["parent_id"] = pks[node.parent] if node.parent else None
        found, keys = sync(
            Agency.objects.all(),
            ("key",),
            [n.values for n in generation],
            origins=[n.origin for n in generation],
        )
        counts += found
        pks |= {identity[0]: pk for identity, pk in keys.items()}
        placed += len(generation)
    if placed != len(nodes):
        lost = next(s for k, s in seen.items() if k not in pks)
        raise lost.refuse("cơ quan cấp trên vòng tròn, không tới được gốc")
    counts.changed += _set_paths()
    return {
        "cơ quan": counts,
        "kế thừa cơ quan": _load_successions(nodes, pks, ids),
        "bộ phận một cửa": _load_desks(nodes, pks),
    }, pks


def _set_paths() -> int:
    """Paths from the root, for agencies whose stored path differs; new ones are not counted twice."""
    rows = {a.pk: a for a in Agency.objects.only("pk", "parent_id", "path")}
    paths: dict[int, str] = {}

    def path_of(pk: int) -> str:
        if pk not in paths:
            above = rows[pk].parent_id
            paths[pk] = (path_of(above) if above else "/") + f"{pk}/"
        return paths[pk]

    moved, fresh = [], 0
    for pk, agency in rows.items():
        path = path_of(pk)
        if agency.path != path:
            fresh += not agency.path
            agency.path = path
            moved.append(agency)
    Agency.objects.bulk_update(moved, ["path"], batch_size=BATCH)
    return len(moved) - fresh


def _load_successions(nodes: dict[str, Node], pks: dict[str, int], ids: PlaceIds) -> Counts:
    """Explicit replacements, then committees by the conversion of communes, then all that hung below them."""
    heirs: dict[str, list[tuple[str, int]]] = {
        k: [(n, 100) for n in v.replaced_by] for k, v in nodes.items() if v.replaced_by
    }
    new_committee = {
        node.values["place_id"]: key
        for key, node in nodes.items()
        if node.values["resolver_key"] == "UBND_XA" and node.values["valid_to"] is None
    }
    by_old: dict[int, list[tuple[int, bool]]] = defaultdict(list)
    district_of: dict[int, int | None] = {}
    old_places = [n.values["place_id"] for k, n in nodes.items() if k.startswith("UBND_XC_")]
    for old, new, default, district in PlaceSuccession.objects.filter(old_id__in=old_places).values_list(
        "old_id", "new_id", "is_default", "old__parent_id"
    ):
        by_old[old].append((new, default))
        district_of[old] = district
    received: dict[int, Counter[str]] = defaultdict(Counter)
    for key, node in nodes.items():
        if node.values["kind"] == "ubnd" and key.startswith("UBND_XC_"):
            targets = sorted(by_old[node.values["place_id"]], key=lambda t: not t[1])
            named = [new_committee[new] for new, _ in targets]
            rest = 100 // len(named)
            heirs[key] = [(name, rest) for name in named]
            heirs[key][0] = (named[0], 100 - rest * (len(named) - 1))
            received[district_of[node.values["place_id"]] or 0][named[0]] += 1
    for key, node in nodes.items():
        if node.values["resolver_key"] == "UBND_HUYEN":
            ranked = received[node.values["place_id"]].most_common()
            total = sum(n for _, n in ranked)
            heirs[key] = [(name, round(100 * n / total)) for name, n in ranked]
    desk_of = {node.parent: key for key, node in nodes.items() if node.one_stop and node.parent}
    for generation in list(_levels(nodes))[1:]:
        for node in generation:
            key, closed = node.values["key"], node.values["valid_to"]
            if closed is None or key in heirs or node.parent is None:
                continue
            above = heirs.get(node.parent)
            heir = above[0][0] if above else node.parent
            heirs[key] = [((desk_of.get(heir, heir) if node.one_stop else heir), 100)]
    rows = [
        {
            "old_id": pks[old],
            "new_id": pks[new],
            "from_date": nodes[old].values["valid_to"] + timedelta(days=1),
            "is_default": place == 0,
            "share": share,
        }
        for old, found in heirs.items()
        for place, (new, share) in enumerate(found)
    ]
    counts, _ = sync(AgencySuccession.objects.all(), ("old_id", "new_id"), rows, remove=True)
    return counts


def _load_desks(nodes: dict[str, Node], pks: dict[str, int]) -> Counts:
    desks: dict[str, int] = {}
    counts = Counts()
    for generation in _levels(nodes):
        rows = []
        for node in generation:
            key, parent = node.values["key"], node.parent
            if not node.one_stop or parent is None:
                continue
            above = nodes[parent]
            rows.append(
                {
                    "agency_id": pks[key],
                    "serves_id": pks[above.parent if above.one_stop and above.parent else parent],
                    "branch_of_id": desks[parent] if above.one_stop else None,
                }
            )
        if not rows:
            continue
        found, keys = sync(Desk.objects.all(), ("agency_id",), rows)
        counts += found
        by_pk = {pks[n.values["key"]]: n.values["key"] for n in generation}
        desks |= {by_pk[identity[0]]: pk for identity, pk in keys.items() if identity[0] in by_pk}
    return counts
