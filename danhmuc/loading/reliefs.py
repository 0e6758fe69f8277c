"""Exemptions and reductions of fees with their dates."""

from pathlib import Path

from danhmuc.loading import files
from danhmuc.loading.sync import Counts, sync
from danhmuc.models import ChargeRelief, ChargeRule


def load_reliefs(folder: Path) -> Counts:
    """Rows of fee_reliefs.csv; one that was edited in the system and differs from the file is set to the file."""
    rows = files.read_csv(
        folder / "fee_reliefs.csv",
        {
            "key": files.text,
            "name": files.text,
            "basis": files.text,
            "percent": files.whole,
            "condition": files.one_of(*ChargeRelief.Condition.values),
            "paper": files.optional,
            "kinds": files.optional,
            "procedures": files.optional,
            "central_only": files.flag,
            "valid_from": files.day,
            "valid_to": files.optional_day,
        },
        ["key"],
    )
    for row in rows:
        if not 1 <= row["percent"] <= 100:
            raise row.refuse("mức giảm phải từ 1 đến 100 (%)")
        if row["condition"] == ChargeRelief.Condition.CLAIM and not row["paper"]:
            raise row.refuse("diện phải đề nghị thì ghi giấy tờ chứng minh")
        if unknown := set(row["kinds"].split()) - set(ChargeRule.Kind.values):
            raise row.refuse(f"không có loại khoản thu “{', '.join(sorted(unknown))}”")
        if row["valid_to"] and row["valid_to"] < row["valid_from"]:
            raise row.refuse("ngày hết hiệu lực trước ngày có hiệu lực")
    counts, _ = sync(
        ChargeRelief.objects.all(),
        ("key",),
        [
            {**row.values, "kinds": row["kinds"].split(), "procedures": row["procedures"].split()}
            for row in rows
        ],
        origins=rows,
    )
    return counts
