"""Administrative units of both eras and what each old commune became on 01/7/2025.

The snapshot of November 2021 covers eight provinces only and nothing refers to it, so it is not carried.
"""

from collections import Counter
from datetime import date
from pathlib import Path

from danhmuc.loading import files
from danhmuc.loading.sync import Counts, sync
from danhmuc.models import Place, PlaceSuccession
from danhmuc.text import fold

LAST_DAY_OF_DISTRICTS = date(2025, 6, 30)
THREE, TWO = Place.Era.THREE_LEVEL.value, Place.Era.TWO_LEVEL.value

PlaceIds = dict[tuple[str, str, str], int]


def _row(era: str, level: str, row: files.Row, **more: object) -> dict[str, object]:
    return {
        "era": era,
        "level": level,
        "code": row["code"],
        "name": row["name"],
        "folded_name": fold(row["name"]),
        "type": row["type"],
        "parent_id": None,
        "id_prefix": "",
        "agency_code": "",
        "valid_from": None,
        "valid_to": LAST_DAY_OF_DISTRICTS if era == THREE else None,
    } | more


def _parent(ids: PlaceIds, row: files.Row, era: str, level: str, column: str) -> int:
    try:
        return ids[era, level, row[column]]
    except KeyError:
        raise row.refuse(f"cột {column} “{row[column]}” không có trong danh sách cấp trên") from None


def load_places(folder: Path) -> tuple[Counts, PlaceIds]:
    """Provinces, districts and communes; primary keys by (era, level, code)."""
    units = folder / "units"
    named = {"code": files.text, "name": files.text, "type": files.text}
    old_provinces = files.read_csv(
        units / "provinces_before_2025_07.csv",
        named | {"cccd_prefix": files.text, "agency_code": files.optional},
        ["code"],
    )
    provinces = files.read_csv(
        units / "provinces.csv",
        named | {"agency_code": files.optional, "valid_from": files.optional_day, "merged_from": files.text},
        ["code"],
    )
    districts = files.read_csv(
        units / "districts_before_2025_07.csv", named | {"province_code": files.text}, ["code"]
    )
    old_communes = files.read_csv(
        units / "communes_before_2025_07.csv", named | {"district_code": files.text}, ["code"]
    )
    communes = files.read_csv(
        units / "communes.csv",
        named | {"province_code": files.text, "valid_from": files.optional_day},
        ["code"],
    )
    total, ids = Counts(), PlaceIds()

    def take(level: str, rows: list[dict[str, object]], origins: list[files.Row]) -> None:
        counts, found = sync(
            Place.objects.filter(level=level), ("era", "level", "code"), rows, origins=origins
        )
        nonlocal total
        total += counts
        ids.update(found)

    take(
        "province",
        [
            _row(THREE, "province", r, id_prefix=r["cccd_prefix"], agency_code=r["agency_code"])
            for r in old_provinces
        ]
        + [
            _row(TWO, "province", r, agency_code=r["agency_code"], valid_from=r["valid_from"])
            for r in provinces
        ],
        [*old_provinces, *provinces],
    )
    take(
        "district",
        [
            _row(THREE, "district", r, parent_id=_parent(ids, r, THREE, "province", "province_code"))
            for r in districts
        ],
        districts,
    )
    take(
        "commune",
        [
            _row(THREE, "commune", r, parent_id=_parent(ids, r, THREE, "district", "district_code"))
            for r in old_communes
        ]
        + [
            _row(
                TWO,
                "commune",
                r,
                parent_id=_parent(ids, r, TWO, "province", "province_code"),
                valid_from=r["valid_from"],
            )
            for r in communes
        ],
        [*old_communes, *communes],
    )
    return total, ids


def load_place_successions(folder: Path, ids: PlaceIds) -> Counts:
    """Old commune → new commune, with the default one of a split commune."""
    rows = files.read_csv(
        folder / "units" / "commune_conversion_2025.csv",
        {
            "old_code": files.text,
            "new_code": files.text,
            "split": files.flag,
            "default": files.flag,
            "sources": files.whole,
        },
        ["old_code", "new_code"],
    )
    defaults = Counter(r["old_code"] for r in rows if r["default"])
    wanted = []
    for row in rows:
        if defaults[row["old_code"]] != 1:
            raise row.refuse(f"xã cũ {row['old_code']} phải có đúng một xã mới mặc định")
        wanted.append(
            {
                "old_id": _parent(ids, row, THREE, "commune", "old_code"),
                "new_id": _parent(ids, row, TWO, "commune", "new_code"),
                "split": row["split"],
                "is_default": row["default"],
                "sources": row["sources"],
            }
        )
    counts, _ = sync(PlaceSuccession.objects.all(), ("old_id", "new_id"), wanted, remove=True)
    return counts
