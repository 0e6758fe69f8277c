"""The facts each legal form shows (domain §13.2), gathered at the moment it is issued and kept with it.

Each builder gives exactly the keys named at the top of its template in templates/hoso/papers/. Plain JSON: texts,
whole numbers, ISO dates and moments.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from config.formats import vndatetime
from danhmuc.models import Desk
from danhmuc.roles import Role
from danhmuc.worktime import TimeLimit, Unit
from hoso.gateways import signing
from hoso.models import Charge, Document, Dossier, Event, Handover, Paper, Supplement, SupplementItem
from hoso.services import paper_parts as parts
from hoso.services.case import Case
from hoso.services.routes import version_parts

Kind = Paper.Kind
Facts = dict[str, Any]
Builder = Callable[[Case, Event, Paper], Facts]

#: Forms that carry a number of the desk's own yearly series, with their symbol.
NUMBERED: dict[str, str] = {
    Kind.ACCEPTANCE_SLIP: "TN",
    Kind.SUPPLEMENT_SLIP: "BS",
    Kind.REFUSAL_SLIP: "TC",
    Kind.APOLOGY_EXTENSION: "PXL",
    Kind.STOP_NOTICE: "TB",
    Kind.CONTROL_SLIP: "PKS",
    Kind.TRANSFER_SLIP: "PC",
    Kind.RETURN_RECEIPT: "BN",
}


def number_text(kind: str, serial: int, desk: Desk) -> str:
    """Number with symbol, e.g. "0027/TN-TTPVHCC"."""
    return f"{serial:04d}/{NUMBERED[kind]}-TTPVHCC"


def submission_proof(case: Case, event: Event, paper: Paper) -> Facts:
    """What arrived, when, with the checksum of every file and of the answers."""
    dossier = case.dossier
    calendar = case.law.working_calendar(dossier, event.at)
    counted = calendar.next_working_instant(event.at)
    answers = json.dumps(dossier.answers, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    names = {c.pk: c.name for c in version_parts(dossier.version_id)[1]}
    facts = (
        parts.head(case, paper)
        | parts.lookup()
        | {
            "number": dossier.submission_ref,
            "submission_ref": dossier.submission_ref,
            "submitted_at": parts.iso(event.at),
            "applicant": parts.applicant(dossier),
            "procedure": dossier.version.name,
            "resolver": dossier.resolving_agency.name,
            "answers_sha256": hashlib.sha256(answers.encode()).hexdigest(),
            "next": _what_happens_next(dossier),
            "files": [
                {
                    "component": names.get(d.component_id or 0, d.title),
                    "name": d.name,
                    "size": d.size,
                    "sha256": d.sha256,
                }
                for d in case.current_documents
                if d.kind in Document.GIVEN
            ],
        }
    )
    if counted > event.at and not event.data.get("prepaid"):
        facts["counted_from"] = parts.iso(counted)
    return facts


def _what_happens_next(dossier: Dossier) -> list[str]:
    """The way from here, with the one promise that runs already."""
    desk = dossier.desk.agency.name
    if dossier.intake_due_at:
        by = vndatetime(dossier.intake_due_at)
        steps = [f"{desk} kiểm tra hồ sơ và trả lời trước {by} (trong 08 giờ làm việc)."]
    else:
        steps = [
            "Ông/Bà nộp phí, lệ phí; thời gian kiểm tra hồ sơ tính từ lúc phí, lệ phí được ghi nhận.",
            f"{desk} kiểm tra hồ sơ và trả lời trong 08 giờ làm việc.",
        ]
    if dossier.papers_by == Dossier.PapersBy.POST:
        steps.append("Nhân viên bưu điện đến nhận bản giấy, nộp khi Bộ phận Một cửa ký nhận.")
    elif dossier.papers_by == Dossier.PapersBy.COUNTER:
        steps.append(f"Ông/Bà nộp bản giấy tại {desk}.")
    steps.append(
        f"Tiếp nhận rồi, Ông/Bà nhận Giấy tiếp nhận và hẹn trả; thời hạn {dossier.version.limit} tính từ lúc đó. "
        f"Kết quả trả tại: {parts.return_words(dossier)}."
    )
    return steps


def acceptance_slip(case: Case, event: Event, paper: Paper) -> Facts:
    """Form 01. Issued again after a supplement, with the new date."""
    dossier = case.dossier
    limit = dossier.version.limit
    facts = (
        parts.head(case, paper)
        | parts.lookup()
        | parts.charge_rows([c for c in case.charges if c.status != Charge.Status.CANCELLED])
        | {
            "copy": "Giao người nộp hồ sơ",
            "desk": dossier.desk.agency.name,
            "applicant": parts.applicant(dossier),
            "procedure": dossier.version.name,
            "components": event.data.get("components") or parts.component_rows(case),
            "sets": dossier.version.sets,
            "time_limit": str(limit),
            "received_at": parts.iso(dossier.accepted_at),
            "result_channel": parts.return_words(dossier),
            "book": f"{timezone.localtime(event.at):%Y}",
            "serial": paper.number.partition("/")[0],
            "signs": {
                "applicant": {
                    "role": "Người nộp hồ sơ",
                    "name": dossier.submitter_name or dossier.owner_name,
                },
                "receiver": parts.desk_sign(case, paper, "Người tiếp nhận hồ sơ"),
            },
        }
    )
    if dossier.due_at:
        facts["due_at"] = parts.iso(dossier.due_at)
    if limit.unit == Unit.SAME_DAY:
        facts["due_text"] = "trong ngày làm việc"
    elif limit.unit == Unit.IMMEDIATE:
        facts["due_text"] = "ngay khi nhận đủ hồ sơ"
    if dossier.owner_name and dossier.owner_name != facts["applicant"]["name"]:
        facts["owner"] = {"name": dossier.owner_name, "address": dossier.address}
    if dossier.papers_by == Dossier.PapersBy.POST or dossier.channel == Dossier.Channel.POST:
        record = event.data.get("record_no")
        facts["postal_note"] = "Giấy tờ nhận qua dịch vụ bưu chính công ích" + (
            f", biên bản giao nhận số {record}." if record else "."
        )
    return facts


def supplement_slip(case: Case, event: Event, paper: Paper) -> Facts:
    """Form 02. Before acceptance the desk guides; afterwards the approver has signed and the desk sends."""
    dossier = case.dossier
    supplement = next((s for s in case.supplements if s.seq == event.data.get("supplement")), None)
    intake = supplement is None or supplement.kind == Supplement.Kind.INTAKE
    if intake:
        sign = parts.desk_sign(case, paper, "Người hướng dẫn")
        consequence = "Quá thời hạn này mà không hoàn thiện, cơ quan không tiếp nhận hồ sơ."
    else:
        signer = supplement.signed_by if supplement else None
        role = parts.title_of(case, signer, Role.APPROVER) if signer else "Lãnh đạo cơ quan"
        sign = parts.agency_sign(case, paper, role, parts.name_of(signer) if signer else "")
        consequence = "Quá thời hạn này mà không bổ sung, cơ quan dừng giải quyết hồ sơ."
    reasons = SupplementItem.Reason
    person = parts.applicant(dossier)
    del person["id_number"]
    return parts.head(case, paper) | {
        "desk": dossier.desk.agency.name,
        "applicant": person,
        "procedure": dossier.version.name,
        "items": [
            {"text": item["name"], "reason": f"{reasons(item['reason']).label}. {item['explanation']}"}
            for item in event.data.get("items", [])
        ],
        "wait_until": parts.iso(dossier.wait_until),
        "consequence": consequence,
        "website": urlsplit(settings.PUBLIC_BASE_URL).netloc,
        "officer": parts.polite_name(paper.issued_by),
        "officer_phone": dossier.desk.agency.phone or settings.HOTLINE,
        "sign": sign,
    }


def refusal_slip(case: Case, event: Event, paper: Paper) -> Facts:
    """Form 03: turned away before acceptance, with reasons and the way to complain (Luật Khiếu nại 2011, Điều 9)."""
    dossier = case.dossier
    lines = [line.strip() for line in event.note.splitlines() if line.strip()] or [event.note]
    person = parts.applicant(dossier)
    del person["id_number"]
    facts = parts.head(case, paper) | {
        "desk": dossier.desk.agency.name,
        "applicant": person,
        "procedure": dossier.version.name,
        "reasons": [{"text": line} for line in lines],
        "complaint": f"Nếu không đồng ý, Ông/Bà có quyền khiếu nại đến {dossier.desk.serves.name} trong 90 ngày "
        "kể từ ngày nhận phiếu này.",
        "sign": parts.desk_sign(case, paper, "Người từ chối tiếp nhận"),
    }
    if event.data.get("legal"):
        facts["reasons"][0]["legal"] = event.data["legal"]
    if event.data.get("guidance"):
        facts["guidance"] = event.data["guidance"]
    if dossier.channel == Dossier.Channel.ONLINE:
        facts |= {"submission_ref": dossier.submission_ref, "submitted_at": parts.iso(dossier.submitted_at)}
    return facts


def apology_extension(case: Case, event: Event, paper: Paper) -> Facts:
    """Form 04: the one new appointment, with the reason (NĐ118 19.6)."""
    dossier = case.dossier
    before: datetime = event.data.get("old_due_at") or dossier.original_due_at or event.at
    unit, value = event.data.get("unit") or Unit.WORKING_DAY, int(event.data.get("value") or 0)
    name = parts.name_of(paper.issued_by)
    return parts.head(case, paper, agency=dossier.resolving_agency) | {
        "form_set": paper.form_set,
        "addressee": parts.addressee(dossier),
        "procedure": dossier.version.name,
        "accepted_on": parts.day(dossier.accepted_at),
        "due_at": parts.iso(before),
        "late": event.at > before,
        "reason": event.note,
        "new_due_at": parts.iso(dossier.due_at),
        "extension": str(TimeLimit(value, Unit(unit))) if value else "",
        "result_place": f"tại {parts.return_words(dossier)}",
        "recipients": parts.recipients(case),
        "sign": parts.agency_sign(case, paper, parts.title_of(case, paper.issued_by, Role.APPROVER), name),
    }


def stop_notice(case: Case, event: Event, paper: Paper) -> Facts:
    """Form 05 of 2025: withdrawn at the applicant's wish, or nothing came within the wait."""
    dossier = case.dossier
    withdrawn = event.name == "withdraw"
    reason = "theo yêu cầu của người nộp hồ sơ."
    legal = "Điều 21 Nghị định số 118/2025/NĐ-CP" if withdrawn else "Điều 19 Nghị định số 118/2025/NĐ-CP"
    if not withdrawn:
        reason = "đã quá thời hạn bổ sung hồ sơ mà chưa nhận được giấy tờ bổ sung."
    if paper.form_set == "FORM-2018":
        legal = ""
    person = parts.addressee(dossier)
    del person["phone"]
    kept = event.data.get("refund_to_decide")
    if kept:
        reason += " Việc hoàn phí, lệ phí đã nộp được thông báo sau khi có quyết định."
    facts = parts.head(case, paper) | {
        "addressee": person,
        "procedure": dossier.version.name,
        "accepted_on": parts.day(dossier.accepted_at or dossier.submitted_at or event.at),
        "stage": _stage(case, event),
        "reason": reason,
        "papers_returned": list(event.data.get("papers_returned", [])),
        "recipients": parts.recipients(case),
        "sign": parts.desk_sign(case, paper, "Bộ phận Tiếp nhận và Trả kết quả"),
    }
    if not dossier.code:  # withdrawn before anybody took it in
        facts["submission_ref"] = dossier.submission_ref
    if legal:
        facts["legal"] = legal
    if not kept:
        facts |= {"fees_kept": 0, "fees_refunded": 0}
    if event.actor.is_applicant:
        facts["sign"]["name"] = ""  # the applicant withdrew it; the desk's seal answers, nobody's name
    return facts


def _stage(case: Case, event: Event) -> str:
    if case.dossier.accepted_at is None:
        return "nộp hồ sơ, chưa tiếp nhận"
    done = [t for t in case.tasks if t.done_at is not None]
    return str(done[-1].name).lower() if done else "tiếp nhận"


def control_slip(case: Case, event: Event, paper: Paper) -> Facts:
    """Form 05 of 2018, 06 of 2025: every passing on, with whether its step was in time."""
    dossier = case.dossier
    partners = {
        t.agency.name: None for t in case.tasks if t.agency_id not in {dossier.resolving_agency_id, dossier.desk.serves_id}
    }  # fmt: skip
    rows = []
    for passing in parts.passings(case):
        handover = passing.handover
        rows.append(
            {
                "giver": passing.giver,
                "receiver": passing.receiver,
                "at": parts.iso(handover.signed_at or handover.sent_at),
                "giver_name": handover.from_user.full_name,
                "receiver_name": handover.signed_by.full_name if handover.signed_by else "chưa ký nhận",
                "result": _in_time(case, handover),
                "note": handover.note,
            }
        )
    return parts.head(case, paper) | {
        "applicant": dossier.owner_name,
        "procedure": dossier.version.name,
        "resolver": dossier.resolving_agency.name,
        "partners": list(partners),
        "received_at": parts.iso(dossier.accepted_at or dossier.submitted_at or event.at),
        "due_at": parts.iso(dossier.due_at or event.at),
        "rows": rows,
    }


def _in_time(case: Case, handover: Handover) -> str:
    """How the step the giver ended with this handover stood against its own due time."""
    ended = [t for t in case.tasks if t.done_at and t.due_at and t.done_at == handover.sent_at]
    if not ended:
        return ""
    return "Quá hạn" if any(t.done_at > t.due_at for t in ended) else "Đúng hạn"  # type: ignore[operator]


def transfer_slip(case: Case, event: Event, paper: Paper) -> Facts:
    """Phiếu chuyển xử lý: who gets the dossier, for what, by when."""
    dossier = case.dossier
    way = [p for p in parts.passings(case) if p.handover.what == Handover.What.DOSSIER]
    last = way[-1].handover if way else None
    todo = [t for t in case.tasks if t.done_at is None and t.due_at and t.status != "cancelled"]
    papers = [
        {"name": row["name"], "original": row["original"], "copy": row["certified"] + row["photo"]}
        for row in parts.component_rows(case)
    ]
    taker = last.signed_by if last and last.signed_by else (last.to_user if last else None)
    return parts.head(case, paper) | {
        "sender": way[-1].giver if way else dossier.desk.agency.name,
        "receiver": way[-1].receiver if way else dossier.resolving_agency.name,
        "lead": dossier.resolving_agency.name,
        "applicant": dossier.owner_name,
        "procedure": dossier.version.name,
        "work": [
            {
                "agency": parts.place_of(case, t),
                "text": t.content or t.name,
                "due_at": parts.iso(t.due_at),
            }
            for t in todo
        ],
        "papers": papers,
        "handed_at": parts.iso(last.sent_at if last else event.at),
        "signs": {
            "giver": {
                "role": "Người giao",
                "name": last.from_user.full_name if last else parts.name_of(paper.issued_by),
            },
            "taker": {"role": "Người nhận", "name": taker.full_name if taker else ""},
        },
    }


def return_receipt(case: Case, event: Event, paper: Paper) -> Facts:
    """Giấy biên nhận trả kết quả: what was handed over, to whom, by whom."""
    dossier = case.dossier
    channel = {
        Dossier.ReturnBy.POST: "qua dịch vụ bưu chính công ích",
        Dossier.ReturnBy.ELECTRONIC: "bản điện tử",
    }.get(Dossier.ReturnBy(dossier.return_by), "trực tiếp tại quầy")
    if event.data.get("tracking_number"):
        channel += f", số hiệu {event.data['tracking_number']}"
    receiver = str(event.data.get("receiver_name") or dossier.owner_name)
    taker: Facts = {
        "name": receiver,
        "phone": dossier.phone,
        "id_number": event.data.get("receiver_id")
        or ("" if receiver != dossier.owner_name else dossier.owner_id),
    }
    proxy = event.data.get("authority_note")
    if proxy:
        taker["proxy"] = proxy
    return parts.head(case, paper) | {
        "procedure": dossier.version.name,
        "owner": dossier.owner_name,
        "results": [
            {
                "kind": p.facts.get("kind", ""),
                "number": p.number,
                "summary": p.facts.get("summary", ""),
                "issued_on": parts.day(p.issued_at),
            }
            for p in case.papers
            if p.kind == Kind.RESULT
        ],
        "channel": channel,
        "returned_at": parts.iso(event.at),
        "taker": taker,
        "signs": {
            "giver": {"role": "Người trả", "name": parts.name_of(paper.issued_by)},
            "taker": {"role": "Người nhận", "name": receiver},
        },
    }


def fee_receipt(case: Case, event: Event, paper: Paper) -> Facts:
    """Biên lai thu phí, lệ phí (domain §12.5): the receipt this step wrote, an adjustment with what it takes off."""
    dossier = case.dossier
    receipt = next(r for r in reversed(case.receipts) if r.event_seq == event.seq)
    corrected = receipt.corrects.number if receipt.corrects else ""
    paid = [c for c in case.charges if c.seq in receipt.payment.charges]
    methods = {
        "cash_desk": "tiền mặt tại Bộ phận Một cửa",
        "cash_post": "tiền mặt qua nhân viên bưu điện",
        "transfer": "chuyển khoản",
        "online": "trực tuyến",
    }
    return parts.head(case, paper) | {
        "number": receipt.number,
        "form": receipt.form,
        "symbol": receipt.symbol,
        "tax_code": settings.RECEIPT_TAX_CODE,
        "collector": receipt.collector.name,
        "kind": receipt.kind,
        "corrects": corrected,
        "reason": receipt.reason,
        "copy": "Liên 2: Giao người nộp",
        "payer": {"name": receipt.payer, "address": receipt.payer_address},
        "procedure": dossier.version.name,
        "charges": [{"label": c.name, "basis": c.basis, "amount": c.amount} for c in paid],
        "charges_total": abs(receipt.amount),
        "method": methods.get(str(receipt.payment.method), ""),
        "paid_at": parts.iso(event.at),
        "sign": parts.desk_sign(case, paper, "Người thu tiền"),
    }


def result(case: Case, event: Event, paper: Paper, facts: Facts) -> Facts:
    """A result document of the generic form: title, subject and the text the approver signs."""
    dossier = case.dossier
    agency = dossier.resolving_agency
    subject, granted = dossier.version.name, dossier.version.result_title
    kind = facts.get("title") or granted
    if dossier.outcome == "refused" and kind == granted:  # a "no" never bears the name of the "yes"
        kind = "Thông báo từ chối giải quyết hồ sơ"
    built = parts.head(case, paper, agency=agency) | {
        "kind": kind,
        "summary": f"Về việc {subject[:1].lower()}{subject[1:]}",
        "grounds": [],
        "body": [line.strip() for line in str(facts.get("body", "")).splitlines() if line.strip()],
        "recipients": [dossier.owner_name, "Lưu: VT, hồ sơ"],
        "sign": {
            "role": parts.title_of(case, paper.issued_by, Role.APPROVER),
            "name": parts.name_of(paper.issued_by),
            "digital": signing.signer().can_sign(
                signing.Identity(signing.ORGANISATION, agency.key, agency.name)
            ),
        },
    }
    if (
        not parts.COMMITTEE.match(agency.name)
        and agency.parent_id
        and agency.parent_id == dossier.desk.serves_id
    ):
        built["upper"] = dossier.desk.serves.name
    return built


#: Everything but the result, which needs what the approver typed and is issued by `papers.issue_result`.
BUILD: dict[Kind, Builder] = {
    Kind.SUBMISSION_PROOF: submission_proof,
    Kind.ACCEPTANCE_SLIP: acceptance_slip,
    Kind.SUPPLEMENT_SLIP: supplement_slip,
    Kind.REFUSAL_SLIP: refusal_slip,
    Kind.APOLOGY_EXTENSION: apology_extension,
    Kind.STOP_NOTICE: stop_notice,
    Kind.CONTROL_SLIP: control_slip,
    Kind.TRANSFER_SLIP: transfer_slip,
    Kind.RETURN_RECEIPT: return_receipt,
    Kind.FEE_RECEIPT: fee_receipt,
}
