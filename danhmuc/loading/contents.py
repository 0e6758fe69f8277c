"""What a procedure version says, built from one entry of `procedures.json`: pure data in, plain rows out."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from danhmuc.loading import charges, files
from danhmuc.loading.eforms import FormBook
from danhmuc.models import ProcedureVersion
from danhmuc.roles import Role
from danhmuc.text import calm, fold
from danhmuc.worktime import TimeLimit, Unit

UNITS = {
    "ngay_lam_viec": Unit.WORKING_DAY,
    "ngay": Unit.CALENDAR_DAY,
    "gio": Unit.WORKING_HOUR,
    "thang": Unit.MONTH,
}
UNIT_WORDS = {
    "ngay_lam_viec": "ngày làm việc",
    "ngay": "ngày",
    "gio": "giờ",
    "thang": "tháng",
    "nam": "năm",
    "khac": "(đơn vị theo mô tả)",
}
CHANNELS = {
    "truc_tiep": "Trực tiếp tại Bộ phận Một cửa",
    "truc_tuyen": "Trực tuyến",
    "buu_chinh": "Qua dịch vụ bưu chính công ích",
}
#: Both persons sign the register in the presence of the officer (Luật Hộ tịch, Luật Nuôi con nuôi).
IN_PERSON = re.compile(r"(dang ky|dang ky lai) (ket hon|nhan cha me con|nuoi con nuoi|viec nuoi con nuoi)")
DECLARATION = re.compile(
    r"^(mot |02 |01 |ban chinh |mau so [0-9a-z]+\.? )*"
    r"(to khai|don|mau ho tich dien tu|mau dien tu|giay de nghi|phieu yeu cau|ban khai|phieu khai|de nghi"
    r"|van ban de nghi|van ban dang ky|to trinh de nghi)\b"
)
CONDITION = re.compile(r"\b(truong hop|doi voi|neu|uy quyen|tuy tung|khi co|nuoc ngoai)\b")
#: A flat list that seems to require more than this mixes alternatives; the officer judges which apply.
MOST_REQUIRED = 8
#: Where the originals or the person must be at the counter, whatever the portal says of channels.
AT_THE_COUNTER = re.compile(r"\b(chung thuc|luu dong)\b")
ROLE_WORDS = {"UBND_XA": "Ủy ban nhân dân cấp xã", "SO_NV": "Sở Nội vụ", "UBND_TINH": "Ủy ban nhân dân tỉnh"}
NOT_A_PAPER = re.compile(
    r"^(ngoai |gia tri|luu y|ghi chu|cac dieu|cong trinh|nguoi |ve |va mot trong|i+ truong hop|so luong|tro cap "
    r"|thanh nien|cong dan|cac giay to (khac|hop phap)|cac loai giay to|giay to tai lieu chung cu|[a-z] thanh phan)"
)
GENERIC_CASE = re.compile(r"^(giay to phai|thanh phan ho so( gom)?$|ho so gom|nguoi yeu cau chung thuc)")
FROM_DATABASE = re.compile(r"^(ho chieu the can cuoc|giay to co gia tri chung minh thong tin ve cu tru)")
PARTNERS = (
    ("cong an", "CA_TINH"),
    ("thue", "THUE_TINH"),
    ("cap tinh", "UBND_TINH"),
    ("bao hiem", "BHXH_TINH"),
)
#: A result that refuses, sends back or asks for more; the portal lists it beside, or before, what is granted.
SAYS_NO = re.compile(r"\b(tu choi|tra ho so|can sua doi|sua doi bo sung ho so)\b")


@dataclass
class Content:
    """Everything of a version that is frozen once published."""

    fields: dict[str, Any]
    components: list[dict[str, Any]]
    charges: list[dict[str, Any]]
    route: list[dict[str, Any]] = field(default_factory=list)

    def fingerprint(self) -> str:
        """SHA-256 of the content; two loads of one file give one value."""
        plain = json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(plain.encode()).hexdigest()


def build(node: files.Node, book: FormBook, central: dict[str, files.Row]) -> Content:
    """The content of one entry. DataError names the path of what does not hold."""
    code, name = node["code"].text(), calm(node["name"].text())
    folded, entry = fold(name), node.value
    channels = {c["channel"].one_of(CHANNELS) for c in node["channels"]}
    limit, limit_note = time_limit(node)
    counter_only = (
        channels == {"truc_tiep"}
        and entry["service_level"] == "thong_tin"
        and bool(AT_THE_COUNTER.search(folded))
    )
    in_person = bool(IN_PERSON.search(folded))
    level, reason = online_level(node, channels, counter_only, in_person)
    rules = charges.build(node, central)
    post_out = not (counter_only or in_person)
    eform = book.form_for(code)
    levels = ProcedureVersion.OnlineLevel
    checks = ProcedureVersion.PaperCheckMode
    results = [(r.get("code") or "", r["name"].text()) for r in node["results"]]
    results.sort(key=lambda result: bool(SAYS_NO.search(fold(result[1]))))  # what was asked for comes first
    fields = {
        "name": name,
        "online_level": int(level),
        "partial_reason": reason,
        "time_value": limit.value,
        "time_unit": limit.unit.value,
        "time_note": limit_note,
        "steps_text": steps_text(entry, channels),
        "methods_text": methods_text(entry, rules, limit),
        "subjects": [s.text() for s in node["subjects"]],
        "executing": "; ".join(entry["executing"])[:700]
        or ", ".join(ROLE_WORDS.get(r, r) for r in entry["agency_roles"]),
        "agency_roles": [r.text() for r in node["agency_roles"]],
        "result_code": results[0][0][:40] if results else "",
        "result_name": results[0][1][:700] if results else "",
        "legal_basis": entry["legal_basis"],
        "decision": f"{entry['decision']['no']} ngày {entry['decision']['date']}",
        "postal_intake_allowed": bool(entry["postal"]["receive"]) and not counter_only,
        "postal_return_allowed": post_out,
        "postal_reason": postal_reason(counter_only, in_person, bool(entry["postal"]["receive"])),
        "presence_required": counter_only or in_person,
        "fee_timing": charges.timing(entry, rules),
        "paper_check_mode": (checks.BEFORE_RELEASE if level == levels.PARTIAL else checks.NONE).value,
        "eform": eform,
        "source": {
            "verified": entry["verified"],
            "url": entry["source"]["url"],
            "retrieved": entry["source"]["retrieved"],
            "service_level": entry["service_level"],
            "level_before_2025_07": entry["level_before_2025_07"] or "",
            "results": [n for _, n in results],
        },
    }
    return Content(fields, components(node, eform), rules, route(entry))


def time_limit(node: files.Node) -> tuple[TimeLimit, str]:
    """Limit and the note shown beside it.

    Zero, or a unit "as described", mostly means the same day; a number without a unit is read as working days. The
    portal's own contradictions are shown, not hidden.
    """
    sla = node["sla"]
    qty, unit = sla.get("qty"), sla.get("unit")
    stated = {(c["qty"], c["unit"]) for c in node.value["channels"]} | {
        (c["qty"], c["unit"]) for c in node.value["cases"]
    }
    words = ", ".join(sorted({f"{q} {UNIT_WORDS[u]}" for q, u in stated if q}))
    notes = []
    if sla.get("conflict"):
        notes.append(f"Cổng quốc gia ghi thời hạn khác nhau theo kênh nộp, trường hợp: {words}.")
    if unit in UNITS and qty:
        limit = TimeLimit(qty, UNITS[unit])
    elif unit == "nam" and qty:
        limit = TimeLimit(12 * qty, Unit.MONTH)
    elif unit in {"khac", None}:
        days = qty or max((q for q, _ in stated if q), default=0)
        limit = TimeLimit(days, Unit.WORKING_DAY) if days else TimeLimit(0, Unit.SAME_DAY)
        notes.append(
            f"Cổng quốc gia không ghi đơn vị; hệ thống tính {limit}, cần đối chiếu trước khi nhận hồ sơ thật."
        )
    else:
        raise sla.refuse(f"không hiểu thời hạn {qty} {unit}")
    return limit, " ".join(notes)[:400]


def online_level(
    node: files.Node, channels: set[str], counter_only: bool, in_person: bool
) -> tuple[ProcedureVersion.OnlineLevel, str]:
    """Level, and why only a part is done online.

    What the portal calls information only but also takes by post can start online: the originals follow. What is
    taken at the counter alone stays at forms to download.
    """
    level = node["service_level"].one_of({"mot_phan", "toan_trinh", "thong_tin"})
    levels = ProcedureVersion.OnlineLevel
    if counter_only:
        return levels.FORMS, "Cổng quốc gia chỉ ghi nhận hồ sơ trực tiếp."
    if level == "toan_trinh" and not in_person:
        return levels.FULL, ""
    if in_person:
        return levels.PARTIAL, "Các bên phải có mặt ký sổ khi nhận kết quả."
    if level == "thong_tin":
        return levels.PARTIAL, "Bản giấy nộp sau, trực tiếp hoặc qua bưu chính, để đối chiếu."
    return levels.PARTIAL, "Phải đối chiếu giấy tờ bản chính trước khi trả kết quả."


def postal_reason(counter_only: bool, in_person: bool, receives: bool) -> str:
    """Why the post may not carry one or both ways (QĐ45 Art 1.2)."""
    if counter_only:
        return "Người yêu cầu phải có mặt."
    if in_person:
        return "Các bên phải có mặt ký sổ khi nhận kết quả."
    return "" if receives else "Cổng quốc gia không ghi kênh nhận hồ sơ qua bưu chính."


def components(node: files.Node, eform: dict[str, Any]) -> list[dict[str, Any]]:
    """Required papers in order. The declaration comes first and is filled in, not uploaded.

    A paper is required online only when nothing in its name or its case makes it depend on circumstances: the
    officer may ask for more, but nobody is stopped from submitting by a paper that may not concern them.
    """
    rows: list[dict[str, Any]] = []
    # An e-form named after the law's own form replaces it; the common form does not, its paper form is attached.
    declared = False
    own_title = " ".join(fold(eform["title"]).replace(" ve viec ", " ").split()[:4])
    submitted = [g for g in node.value["documents"] if g["kind"] == "nop"]
    named = [g for g in submitted if g["case"] and not GENERIC_CASE.match(fold(g["case"]))]
    for group in node["documents"]:
        kind = group["kind"].one_of({"nop", "xuat_trinh"})
        case = group.get("case") or ""
        alone = not case or bool(GENERIC_CASE.match(fold(case)))
        only_case = alone or (len(submitted) == len(named) == 1 and not CONDITION.search(fold(case)))
        for item in group["items"]:
            name = item["name"].text()
            folded = fold(name)
            is_eform = bool(
                eform["own"] and kind == "nop" and (DECLARATION.match(folded) or folded.startswith(own_title))
            )
            declared |= is_eform
            rows.append(
                {
                    "code": (item.get("code") or "")[:60],
                    "name": name,
                    "case": "" if alone else case[:500],
                    "kind": "submit" if kind == "nop" else "present",
                    "originals": item["original"].whole(),
                    "copies": item["copy"].whole(),
                    "required": kind == "nop" and only_case and not is_eform and is_unconditional(name),
                    "is_eform": is_eform,
                    "from_database": kind == "xuat_trinh" and bool(FROM_DATABASE.match(folded)),
                }
            )
    if not declared:
        rows.insert(
            0,
            {
                "code": "",
                "name": f"{eform['title']} (khai trên Cổng dịch vụ công)",
                "case": "",
                "kind": "submit",
                "originals": 1,
                "copies": 0,
                "required": False,
                "is_eform": True,
                "from_database": False,
            },
        )
    _require_once(rows)
    if sum(row["required"] for row in rows) > MOST_REQUIRED:
        for row in rows:
            row["required"] = False
    rows.sort(key=lambda r: not r["is_eform"])
    return [row | {"order": place} for place, row in enumerate(rows, 1)]


def _require_once(rows: list[dict[str, Any]]) -> None:
    """A name that stands twice, or a second declaration, is a variant for another case: one of them is enough."""
    seen: set[str] = set()
    for row in rows:
        folded = fold(row["name"])
        what = "declaration" if DECLARATION.match(folded) else folded
        if row["required"] and what in seen:
            row["required"] = False
        if row["required"]:
            seen.add(what)


def is_unconditional(name: str) -> bool:
    """Whether the first clause of a paper's name makes it depend on nothing."""
    first = fold(re.split(r"[;:]", name, maxsplit=1)[0])
    return not (CONDITION.search(first) or NOT_A_PAPER.match(fold(name)))


def steps_text(entry: dict[str, Any], channels: set[str]) -> str:
    """The order of steps, composed: the source's own wording is not copied."""
    ways = " hoặc ".join(CHANNELS[c].lower() for c in CHANNELS if c in channels)
    lines = [
        f"Người yêu cầu chuẩn bị hồ sơ và nộp {ways}.",
        "Bộ phận Một cửa kiểm tra; hồ sơ đầy đủ thì tiếp nhận và cấp Giấy tiếp nhận hồ sơ và hẹn trả kết quả; chưa đầy"
        " đủ thì hướng dẫn bổ sung một lần bằng phiếu.",
        "Cơ quan giải quyết phân công, thẩm định và trình người có thẩm quyền ký.",
    ]
    if entry["coordinating"]:
        lines.append(f"Khi cần, phối hợp với: {', '.join(entry['coordinating'])}.")
    lines.append(
        "Văn thư phát hành, chuyển kết quả về Bộ phận Một cửa; người yêu cầu nhận kết quả theo cách đã chọn."
    )
    return "\n".join(f"{place}. {line}" for place, line in enumerate(lines, 1))


def methods_text(entry: dict[str, Any], rules: list[dict[str, Any]], limit: TimeLimit) -> str:
    """Each way to apply with its time and its fee."""
    lines: dict[str, None] = {}
    for channel in entry["channels"]:
        qty = channel["qty"]
        unit = channel["unit"]
        time = f"{qty:02d} {UNIT_WORDS[unit]}" if qty and unit != "khac" else str(limit)
        lines[f"{CHANNELS[channel['channel']]}: {time}; {charges.summary(rules, channel['channel'])}."] = None
    return "\n".join(lines)


def route(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The default route: shares of the time in percent. A partner is named when one agency serves the province.

    Where the partner differs from dossier to dossier (a commune, a school), it is asked by the consultation step.
    """
    partner = next(
        (
            key
            for named in [*entry["coordinating"], *_linked_insurance(entry)]
            for word, key in PARTNERS
            if word in fold(named)
        ),
        "",
    )
    officer = 40 if entry["inter_agency"] and partner else 55
    steps = [
        ("Chuyển hồ sơ đến cơ quan giải quyết", "desk", Role.DESK_OFFICER, 5, "transfer", ""),
        ("Phân công thụ lý", "resolver", Role.DIVISION_HEAD, 10, "assign", ""),
        ("Thẩm định, dự thảo kết quả", "resolver", Role.CASE_OFFICER, officer, "work", ""),
    ]
    if officer == 40:
        steps.append(("Cơ quan phối hợp xử lý, trả lời", "agency", Role.CASE_OFFICER, 15, "partner", partner))
    steps += [
        ("Phê duyệt, ký kết quả", "resolver", Role.APPROVER, 20, "approve", ""),
        ("Phát hành, chuyển kết quả về Bộ phận Một cửa", "resolver", Role.RECORDS_CLERK, 10, "issue", ""),
    ]
    return [
        {
            "order": n,
            "name": name,
            "at": at,
            "role": str(role.value),
            "share": share,
            "kind": kind,
            "agency": agency,
        }
        for n, (name, at, role, share, kind, agency) in enumerate(steps, 1)
    ]


def _linked_insurance(entry: dict[str, Any]) -> list[str]:
    """Linked birth procedures end at the health insurance, which the source does not list as a partner."""
    return ["Bảo hiểm xã hội"] if entry["linked_procedure"] and entry["inter_agency"] else []
