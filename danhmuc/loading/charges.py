"""Fees of a procedure: the portal's figures, corrected by the circulars where those were read."""

from pathlib import Path
from typing import Any

from danhmuc.loading import files
from danhmuc.models import ChargeRule, ProcedureVersion

NAMES = {"phi": "Phí", "le_phi": "Lệ phí", "gia": "Giá dịch vụ"}
KINDS = {"phi": "phi", "le_phi": "le_phi", "gia": "obligation"}
CHANNELS = {"truc_tuyen": "online", "buu_chinh": "post", "truc_tiep": "counter"}
#: Procedures whose fee stands in a circular that was read: its amount replaces the portal's.
CENTRAL = {
    "2.000815": "chung_thuc_ban_sao",
    "2.000884": "chung_thuc_chu_ky",
    "2.000992": "chung_thuc_chu_ky",
    "2.001008": "chung_thuc_chu_ky",
    "2.001035": "chung_thuc_giao_dich",
    "2.001019": "chung_thuc_giao_dich",
    "2.000635": "trich_luc_ho_tich",
    "3.000333": "ly_lich_tu_phap",
}
#: The fee is due when the application is sent: copies, criminal records, company registration.
PREPAID_CODES = {"2.000635", "3.000333"}
PREPAID_GROUPS = {"doanh_nghiep"}
Rule = dict[str, Any]


def read_central(folder: Path) -> dict[str, files.Row]:
    """Fees of central circulars by key."""
    rows = files.read_csv(
        folder / "fees_central.csv",
        {
            "key": files.text,
            "name": files.text,
            "amount_vnd": files.whole,
            "per": files.text,
            "law": files.text,
            "note": files.optional,
        },
        ["key"],
    )
    return {row["key"]: row for row in rows}


def build(node: files.Node, central: dict[str, files.Row]) -> list[Rule]:
    """Charge rules; several amounts on one channel become cases that an officer chooses among."""
    key = CENTRAL.get(node["code"].text())
    if key:
        if key not in central:
            raise files.DataError("fees_central.csv", "cả tệp", f"thiếu khoản “{key}”")
        return [_central(central[key])]
    found: dict[str, dict[tuple[Any, ...], None]] = {}
    for channel in node["channels"]:
        name = CHANNELS[channel["channel"].one_of(CHANNELS)]
        here = found.setdefault(name, {})
        for fee in channel["fees"]:
            kind = fee["kind"].one_of(KINDS)
            # The portal may name a fee and leave its amount to the province.
            amount = fee["value"].whole() if fee.get("value") is not None else 0
            if amount < 0:
                raise fee["value"].refuse("số tiền không được âm")
            if fee["currency"].text() != "VND" or not (amount or fee.get("provincial_council")):
                continue
            here[
                kind,
                amount,
                (fee.get("per") or "").strip("/ ") if fee.get("per") != "1" else "",
                bool(fee.get("provincial_council")),
                bool(fee.get("suspect")),
                ", ".join(fee.get("legal_refs") or ()),
            ] = None
    if found and len({tuple(fees) for fees in found.values()}) == 1:
        found = {"": next(iter(found.values()))}
    rows = []
    for name, fees in found.items():
        several = len(fees) > 1
        for kind, amount, per, local, suspect, refs in fees:
            rows.append(_rule(kind, amount, name, per, local, suspect, refs, several))
    return rows


def _central(row: files.Row) -> Rule:
    basis = row["law"] + (f" ({row['note']})" if row["note"] else "")
    return _blank() | {
        "kind": "phi",
        "code": row["key"],
        "name": f"Phí {row['name'][0].lower()}{row['name'][1:]}",
        "amount": row["amount_vnd"],
        "per": row["per"],
        "basis": f"Thông tư {basis}"[:250],
    }


def _blank() -> Rule:
    return {
        "kind": "phi",
        "code": "",
        "name": "",
        "channel": "",
        "amount": 0,
        "per": "",
        "case": "",
        "basis": "",
        "set_locally": False,
        "suspect": False,
    }


def _rule(
    kind: str, amount: int, channel: str, per: str, local: bool, suspect: bool, refs: str, several: bool
) -> Rule:
    # A figure of two or three digits lacks its thousands; it is completed and stays marked for checking.
    suspect = suspect or 0 < amount < 1000
    stated, amount = amount, amount * 1000 if suspect else amount
    basis = refs
    if suspect:
        basis = f"Nguồn ghi {stated}, hiểu là nghìn đồng" + (f"; {refs}" if refs else "")
    elif local and not refs:
        basis = "Nghị quyết của Hội đồng nhân dân tỉnh"
    dotted = f"{amount:,}".replace(",", ".")
    return _blank() | {
        "kind": KINDS[kind],
        "name": NAMES[kind] + (" theo nghị quyết của Hội đồng nhân dân tỉnh" if local and not amount else ""),
        "channel": channel,
        "amount": amount,
        "per": per,
        "case": f"Mức {dotted} đồng" if several else "",
        "basis": basis[:250],
        "set_locally": local,
        "suspect": suspect,
    }


def timing(entry: dict[str, Any], rules: list[Rule]) -> str:
    """When the fee is due. Land fees are known only after appraisal; certification is paid on return."""
    timings = ProcedureVersion.FeeTiming
    if not rules:
        return timings.NONE.value
    if entry["code"] in PREPAID_CODES or entry["group"] in PREPAID_GROUPS:
        return timings.BEFORE_INTAKE.value
    if entry["group"] in {"chung_thuc", "dat_dai"} or any(r["kind"] == "obligation" for r in rules):
        return timings.BEFORE_RETURN.value
    return timings.AT_INTAKE.value


def summary(rules: list[Rule], channel: str) -> str:
    """The fee of a channel in words."""
    here = [r for r in rules if r["channel"] in {"", CHANNELS[channel]}]
    if not here:
        return "không thu phí, lệ phí"
    words = []
    for rule in here:
        if rule["set_locally"] and not rule["amount"]:
            words.append("mức thu do Hội đồng nhân dân tỉnh quyết định")
        else:
            dotted = f"{rule['amount']:,}".replace(",", ".")
            words.append(
                f"{ChargeRule.Kind(rule['kind']).label.lower()} {dotted} đồng"
                + (f"/{rule['per']}" if rule["per"] else "")
            )
    return (" hoặc " if len(here) > 1 and here[0]["case"] else "; ").join(dict.fromkeys(words))
