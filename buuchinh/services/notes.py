"""What the two postal papers show (domain §13.2), gathered when they are signed and kept with them.

Keys are those the templates name: buuchinh/papers/consignment_note.html and handover_record.html.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone

from buuchinh.models import HandoverLine, HandoverRecord, Parcel
from buuchinh.services import fees
from danhmuc.models import Agency, User
from hoso.models import Dossier

#: Quality, rights, duties and liability in one paragraph (TT17 Arts 7, 8, 9; QĐ45 Art 14; NĐ47 Art 25).
TERMS = (
    "{what} chậm nhất ngày {due}. Người gửi, người nhận có quyền yêu cầu bưu điện cho biết hành trình bưu gửi và khiếu nại "
    "trong 06 tháng kể từ ngày hết thời gian toàn trình; bưu điện trả lời trong 05 ngày làm việc (trong tỉnh) hoặc 07 "
    "ngày làm việc (liên tỉnh), bồi thường ít nhất 04 lần cước khi mất, hư hại hồ sơ và chịu chi phí cấp lại giấy tờ."
)


def _operator(unit: Agency) -> dict[str, str]:
    above = unit.parent
    return {"upper": above.name if above else "Bưu điện Việt Nam", "agency": unit.name}


def _desk(dossier: Dossier) -> dict[str, str]:
    node = dossier.desk.agency
    return {
        "name": node.name,
        "address": node.address or dossier.desk.serves.name,
        "phone": node.phone,
        "email": node.email,
    }


def _papers(parcel: Parcel) -> list[dict[str, Any]]:
    return [{"name": p["name"], "original": p["original"], "copy": p["copy"]} for p in parcel.papers]


def _terms(parcel: Parcel, what: str) -> str:
    due = f"{parcel.due_on:%d/%m/%Y}" if parcel.due_on else ""
    return TERMS.format(what=what, due=due)


def pickup_facts(parcel: Parcel, *, by: User, at: datetime, fee: int, signed_name: str) -> dict[str, Any]:
    """The note of leg A. `fee` is the State's money taken, in đồng; postage is listed apart."""
    dossier = parcel.dossier
    charges: list[dict[str, Any]] = [{"label": "Phí, lệ phí (thu hộ)", "amount": fee}] if fee else []
    postage = parcel.postage_taken
    if fee and postage > (remit := fees.remit_price(fee)) > 0:
        charges += [
            {"label": "Cước nhận gửi hồ sơ", "amount": postage - remit},
            {"label": "Cước chuyển nộp phí, lệ phí", "amount": remit},
        ]
    elif postage:
        charges.append({"label": "Cước nhận gửi hồ sơ", "amount": postage})
    return _operator(parcel.unit) | {
        "number": parcel.tracking_number,
        "code": dossier.code,
        "sender": {
            "name": parcel.contact,
            "address": parcel.address,
            "phone": parcel.phone,
            "email": dossier.email,
        },
        "receiver": _desk(dossier),
        "procedure": dossier.version.name,
        "service": f"nhận gửi hồ sơ tại địa chỉ, {parcel.get_scope_display().lower()}",
        "papers": _papers(parcel),
        "charges": charges,
        "charges_total": sum(c["amount"] for c in charges),
        "payment": "tiền mặt" if charges else "không thu tại nhà",
        "taken_at": at.isoformat(),
        "place": parcel.address or parcel.unit.name,
        "terms": _terms(parcel, "Hồ sơ đến Bộ phận Một cửa"),
        "signs": {
            "sender": {"role": "Người gửi", "name": signed_name.strip()},
            "clerk": {"role": "Nhân viên bưu điện", "name": by.full_name},
        },
    }


def return_facts(parcel: Parcel, *, officer: User, at: datetime, owed: int) -> dict[str, Any]:
    """The note of leg B; what the carrier must collect on delivery stands among the charges."""
    dossier = parcel.dossier
    assert parcel.carrier is not None
    charges: list[dict[str, Any]] = [{"label": "Phí, lệ phí thu khi phát", "amount": owed}] if owed else []
    if parcel.postage:
        charges.append({"label": "Cước chuyển trả kết quả", "amount": parcel.postage})
    return _operator(parcel.unit) | {
        "number": parcel.tracking_number,
        "code": dossier.code,
        "sender": _desk(dossier),
        "receiver": {
            "name": parcel.contact,
            "address": parcel.address,
            "phone": parcel.phone,
            "email": dossier.email,
        },
        "procedure": dossier.version.name,
        "service": f"chuyển trả kết quả, {parcel.get_scope_display().lower()}",
        "papers": _papers(parcel),
        "charges": charges,
        "charges_total": sum(c["amount"] for c in charges),
        "payment": "tiền mặt khi phát" if charges else "không thu khi phát",
        "taken_at": at.isoformat(),
        "place": dossier.desk.agency.name,
        "terms": _terms(parcel, "Lần phát đầu tiên"),
        "signs": {
            "sender": {"role": "Đại diện Bộ phận Một cửa", "name": officer.full_name},
            "clerk": {"role": "Nhân viên bưu điện", "name": parcel.carrier.full_name},
        },
    }


def record_facts(record: HandoverRecord, lines: Iterable[HandoverLine]) -> dict[str, Any]:
    """The handover record; a visit that only takes results out names the desk as giver."""
    rows = list(lines)
    desk, at = record.desk, timezone.localtime(record.signed_at)
    officer = {
        "organisation": desk.agency.name,
        "name": record.officer.full_name,
        "position": "cán bộ tiếp nhận",
    }
    post = {
        "organisation": record.unit.name,
        "name": record.carrier.full_name,
        "position": "nhân viên bưu điện",
    }
    only_out = bool(rows) and all(line.way == HandoverLine.Way.OUT for line in rows)
    giver, taker = (officer, post) if only_out else (post, officer)
    return {
        "upper": desk.serves.name,
        "agency": desk.agency.name,
        "number": record.number,
        "place": desk.serves.place.name if desk.serves.place else "Phú Thọ",
        "issued_on": at.date().isoformat(),
        "handed_at": at.isoformat(),
        "where": desk.agency.name,
        "giver": giver,
        "taker": taker,
        "rows": [
            {
                "code": line.parcel.dossier.public_code,
                "tracking": line.parcel.tracking_number,
                "procedure": line.parcel.dossier.version.name,
                "papers": papers_text(line.counted),
                "complete": line.complete,
                "note": "; ".join(filter(None, [line.get_way_display(), line.note])),
            }
            for line in rows
        ],
        "count": len(rows),
        "money": record.fees,
        "signs": {
            "giver": {"role": "Bên giao", "name": giver["name"]},
            "taker": {"role": "Bên nhận", "name": taker["name"]},
        },
    }


def papers_text(counted: list[dict[str, Any]]) -> str:
    """How many papers were counted: "02 bản chính, 01 bản sao"."""
    here = [c for c in counted if c.get("present", True)]
    originals, copies = sum(c["original"] for c in here), sum(c["copy"] for c in here)
    parts = [f"{originals:02d} bản chính"] * bool(originals) + [f"{copies:02d} bản sao"] * bool(copies)
    return ", ".join(parts) or "không có giấy tờ"
