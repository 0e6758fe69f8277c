"""The parts of a dossier's page, each read from the case: people, papers, route, history, custody, notices, money."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import format_html_join

from config.formats import decimal_vi, vndate, vndatetime
from hoso.forms.steps import components_of
from hoso.lifecycle import State
from hoso.models import AgencyTask, Document, Dossier, Event, Notice, Paper
from hoso.services import amendments, documents, dossiers, signed
from hoso.services.case import Case

_NOTICE_LEVELS = {"sent": "ok", "queued": "info", "failed": "soon", "given_up": "late"}


def document_url(document: Document) -> str:
    """Where a file is opened."""
    return reverse("hoso:document", args=[document.pk])


def facts(dossier: Dossier, case: Case) -> list[dict[str, Any]]:
    """What is known of the people and ways of a dossier, as rows of a summary."""
    owner = "Tổ chức" if dossier.owner_kind == Dossier.OwnerKind.ORGANISATION else "Chủ hồ sơ"
    rows: list[tuple[str, str]] = [
        (owner, dossier.owner_name),
        ("Số giấy tờ", dossier.owner_id),
        ("Người nộp", _submitter(dossier)),
        ("Ủy quyền", dossier.authority_note),
        ("Điện thoại", dossier.phone.replace("+84", "0", 1)),
        ("Thư điện tử", dossier.email),
        ("Địa chỉ", dossier.address),
        ("Trích yếu", dossier.summary),
        ("Kênh nộp", dossier.get_channel_display()),
        ("Bản giấy", _papers_words(dossier)),
        ("Nhận kết quả", dossier.get_return_by_display()),
        ("Giao đến", case.postal.delivery_address if case.postal and case.postal.wants_delivery else ""),
        ("Nơi tiếp nhận", dossier.desk.agency.name),
        ("Cơ quan giải quyết", dossier.resolving_agency.name),
        ("Đang giữ", _holder(dossier)),
        ("Kết quả", dossier.get_outcome_display() if dossier.outcome else ""),
    ]
    return [{"label": label, "value": value} for label, value in rows if value]


def _submitter(dossier: Dossier) -> str:
    """Who hands it in where that is not the owner, for which organisation, and on whose authority."""
    organisation = dossier.organisation.full_name if dossier.organisation else ""
    words = [dossier.submitter_name if dossier.submitter_name != dossier.owner_name else ""]
    if organisation not in {"", dossier.owner_name, dossier.submitter_name}:
        words.append(f"thay mặt {organisation}")
    if dossier.on_behalf:
        words = [words[0] or dossier.submitter_name, *words[1:], "nộp thay theo ủy quyền"]
    return ", ".join(filter(None, words))


def _papers_words(dossier: Dossier) -> str:
    """How papers come, and where comparing them stands."""
    parts = []
    if dossier.papers_by != Dossier.PapersBy.NONE:
        parts.append(dossier.get_papers_by_display())
    if dossier.paper_check != Dossier.PaperCheck.NOT_REQUIRED:
        parts.append(dossier.get_paper_check_display())
    return ". ".join(parts)


def _holder(dossier: Dossier) -> str:
    if dossier.state not in {State.PROCESSING, State.ON_HOLD, State.DECIDED} or dossier.holder_agency is None:
        return ""
    person = f"{dossier.holder.full_name}, " if dossier.holder else ""
    return f"{person}{dossier.holder_agency.name}"


def checklist(case: Case) -> list[dict[str, Any]]:
    """The published papers, each with the files handed in for it; replaced ones stay readable."""
    checked = {
        item["name"]: item
        for e in case.events
        if e.name == "check_papers"
        for item in e.data.get("items", [])
    }
    on_paper = {name for e in case.events for name in e.data.get("papers", [])}
    listed = []
    for number, component in enumerate(components_of(case.dossier), start=1):
        have = [d for d in case.documents if d.component_id == component.pk and d.was_filed]
        current = [d for d in have if d.is_current]
        compared = checked.get(component.name)
        if compared is not None:
            mark, level, icon = (
                ("Khớp bản giấy", "ok", "check")
                if compared["matches"]
                else ("Khác bản giấy", "late", "triangle")
            )
        elif current:
            mark, level, icon = "Đã có", "ok", "check"
        elif component.name in on_paper:
            mark, level, icon = "Đã nhận bản giấy", "ok", "check"
        elif component.from_database:
            mark, level, icon = "Lấy từ kho", "ok", "check"
        elif component.required:
            mark, level, icon = "Chưa có", "soon", "hourglass"
        else:
            mark, level, icon = "Không bắt buộc", "off", ""
        listed.append(
            {
                "id": f"giay-to-{component.pk}",
                "number": number,
                "title": component.name,
                "text": compared.get("note", "") if compared else "",
                "level": level,
                "mark": mark,
                "icon": icon,
                "files": [file_row(d) for d in have],
            }
        )
    loose = [d for d in case.documents if d.component_id is None and d.was_filed and d.kind != "paper"]
    if case.dossier.on_behalf:
        authority = [d for d in loose if d.kind == Document.Kind.AUTHORITY]
        loose = [d for d in loose if d.kind != Document.Kind.AUTHORITY]
        listed.append(
            {
                "id": "giay-uy-quyen",
                "number": len(listed) + 1,
                "title": "Giấy ủy quyền",
                "text": case.dossier.authority_note,
                "level": "ok" if authority else "soon",
                "mark": "Đã có" if authority else "Chưa có",
                "icon": "check" if authority else "hourglass",
                "files": [file_row(d) for d in authority],
            }
        )
    if loose:
        listed.append(
            {
                "id": "giay-to-khac",
                "number": len(listed) + 1,
                "title": "Tài liệu khác",
                "text": "",
                "level": "info",
                "mark": f"{len(loose)} tệp",
                "icon": "",
                "files": [file_row(d) for d in loose],
            }
        )
    return listed


def file_row(document: Document) -> dict[str, Any]:
    """One file as components/attach.html shows it."""
    notes = [
        document.get_copy_kind_display().lower()
        if document.kind in {"upload", "scan"}
        else document.get_kind_display().lower()
    ]
    if document.pages:
        notes.append(f"{document.pages} trang")
    if document.replaced_by_id:
        notes.append("đã thay bằng tệp khác")
    elif document.removed_at:
        notes.append(f"người nộp bỏ {vndatetime(document.removed_at)}")
    if document.number and document.kind in Document.GIVEN:
        notes.append(f"số {document.number}")
    if document.valid_to:
        notes.append(f"có giá trị đến {vndate(document.valid_to)}")
    if document.source is not None:
        notes.append(f"dùng lại từ hồ sơ {document.source.dossier.public_code}")
    scan = documents.scan_state(document)
    notes.append(scan.text)
    marks = [{"level": said.level, "text": said.text} for said in signed.words(document.signatures)]
    if any(original.get("note") == "blurred" for original in document.originals):
        marks.append({"level": "soon", "text": "Ảnh chụp có thể bị mờ"})
    infected = document.virus_check == Document.Verdict.INFECTED
    return {
        "id": document.pk,
        "name": document.name,
        "url": "" if infected else document_url(document),
        "size": document.size,
        "note": ", ".join(notes),
        "marks": marks,
        "more": {"url": reverse("hoso:document_facts", args=[document.pk]), "text": "Ghi số liệu"}
        if document.kind in Document.GIVEN and document.is_current
        else None,
    }


def stages(case: Case) -> list[dict[str, Any]]:
    """The route: who did or does each step, and until when."""
    dossier = case.dossier
    accepted = next((e for e in case.events if e.name in {"accept", "accept_immediate"}), None)
    found = [
        {
            "title": "Tiếp nhận",
            "note": f"{accepted.actor.full_name} · {vndatetime(accepted.at)}"
            if accepted
            else "Bộ phận Một cửa",
            "state": "done" if accepted else "current",
        }
    ]
    people = {event.actor_id: event.actor.full_name for event in case.events}
    for task in case.tasks:
        state, note = _stage(task, people.get(task.done_by_id or 0, ""))
        if state:
            found.append({"title": task.name, "note": note, "state": state})
    if dossier.state in {State.DECIDED, State.COMPLETED} or case.tasks:
        done = dossier.state == State.COMPLETED
        current = dossier.state == State.DECIDED and not case.open_tasks
        note = vndatetime(dossier.completed_at) if done else dossier.get_return_by_display()
        found.append(
            {
                "title": "Trả kết quả",
                "note": note,
                "state": "done" if done else "current" if current else "todo",
            }
        )
    return found


def _stage(task: AgencyTask, done_by: str) -> tuple[str, str]:
    who = done_by or (task.assignee.full_name if task.assignee else task.get_role_display())
    due = f" · đến {vndatetime(task.due_at)}" if task.due_at else ""
    if task.status == AgencyTask.Status.DONE:
        return "done", f"{who} · {vndatetime(task.done_at)}"
    if task.status == AgencyTask.Status.CANCELLED:
        return "", ""
    if task.is_open:
        waits = " · chờ nhận" if task.status == AgencyTask.Status.SENT else ""
        return "current", f"{who}, {task.agency.name}{waits}{due}"
    return "todo", f"{who}{due}"


def timeline(case: Case) -> list[dict[str, Any]]:
    """Who did what, newest first, with what was said."""
    changes = amendments.told(case.dossier.version, case.events)
    return [
        {
            "at": event.at,
            "title": dossiers.label_of(event.name),
            "text": format_html_join(
                " · ", "{}", ((text,) for text in (event_text(event), changes.get(event.seq)) if text)
            ),
            "now": event is case.last,
            **_more_of(case.dossier, event),
        }
        for event in reversed(case.events)
    ]


def _more_of(dossier: Dossier, event: Event) -> dict[str, str]:
    """Where to read on about a step: what was offered and not taken has a page of its own."""
    if event.name not in {"refuse_amendment", "take_back_amendment"}:
        return {}
    return {
        "url": reverse("hoso:amendments_ended", args=[dossier.submission_ref]),
        "link": "Xem nội dung và tệp đã đề nghị",
    }


def event_text(event: Event) -> str:
    """Actor, note and the facts of a step that matter to a colleague."""
    behalf = f" thay {event.on_behalf_of}" if event.on_behalf_of else ""
    parts = [f"{event.actor.full_name}{behalf}"]
    data = event.data
    if data.get("code") and event.name == "accept":
        parts.append(f"mã hồ sơ {data['code']}")
    if data.get("old_due_at") and data.get("due_at"):
        parts.append(f"hẹn trả {vndate(_moment(data['old_due_at']))} → {vndate(_moment(data['due_at']))}")
    if data.get("result"):
        parts.append(str(data["result"]))
    if data.get("items"):
        parts.append("; ".join(_item(item) for item in data["items"]))
    if data.get("amount"):
        receipt = f", biên lai {data['receipt_no']}" if data.get("receipt_no") else ""
        parts.append(f"{decimal_vi(data['amount'])} đồng{receipt}")
    if data.get("receiver_name"):
        parts.append(f"người nhận {data['receiver_name']}")
    if data.get("result_number"):
        parts.append(f"số {data['result_number']}")
    if event.note:
        parts.append(event.note)
    return " · ".join(parts)


def _item(item: dict[str, Any]) -> str:
    if "matches" in item:
        return f"{item['name']}: {'khớp' if item['matches'] else 'khác, ' + item.get('note', '')}"
    return f"{item['name']}: {item.get('explanation', '')}"


def _moment(value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def custody(case: Case) -> list[dict[str, Any]]:
    """The handover log: who gave what to whom, and who signed."""
    found = []
    for handover in reversed(case.handovers):
        if handover.signed_at and handover.signed_by:
            state, level = f"{handover.signed_by.full_name} ký nhận {vndatetime(handover.signed_at)}", "ok"
        elif handover.recalled_at:
            state, level = f"Thu hồi {vndatetime(handover.recalled_at)}", "off"
        else:
            state, level = "Chờ ký nhận", "soon"
        to = handover.to_user.full_name if handover.to_user else handover.to_agency.name
        found.append(
            {
                "what": handover.get_what_display(),
                "given": f"{handover.from_user.full_name}, {handover.from_agency.name}",
                "to": to,
                "sent_at": handover.sent_at,
                "state": state,
                "level": level,
                "papers": handover.papers,
                "note": handover.note,
            }
        )
    return found


def notices_of(case: Case) -> list[dict[str, Any]]:
    """What was told to the applicant, on which channel, and what became of it. The newest fifty."""
    rows = (
        Notice.objects.filter(dossier=case.dossier)
        .exclude(channel=Notice.Channel.OFFICE)
        .order_by("-pk")[:50]
    )
    steps = {event.seq: dossiers.label_of(event.name) for event in case.events}
    return [
        {
            "at": notice.sent_at or notice.due_at,
            "title": steps.get(notice.event_seq, "Nhắc việc"),
            "channel": notice.get_channel_display(),
            "address": notice.address,
            "state": notice.get_state_display(),
            "level": _NOTICE_LEVELS[notice.state],
            "answer": notice.answer,
            "attempts": notice.attempts,
        }
        for notice in rows
    ]


def money(case: Case) -> dict[str, Any]:
    """Charges, payments, what was asked to be reduced, receipts and what goes back."""
    rows = [
        {
            "label": c.name,
            "note": " · ".join(filter(None, [c.status_reason or c.get_status_display(), c.basis])),
            "amount": c.amount,
        }
        for c in case.charges
    ]
    due = sum(c.amount for c in case.due_charges)
    total = {"label": "Còn phải thu" if due else "Đã thu đủ", "amount": due, "note": ""} if rows else None
    return {"rows": rows, "total": total, "payments": case.payments} | {
        "claims": case.relief_claims,
        "receipts": case.receipts,
        "refunds": case.refunds,
    }


def requests_of(case: Case) -> list[dict[str, Any]]:
    """Requests to the applicant with their items and answers."""
    return [
        {
            "supplement": supplement,
            "items": [
                {"item": item, "url": document_url(item.document) if item.document else ""}
                for item in case.items
                if item.supplement_id == supplement.pk
            ],
        }
        for supplement in reversed(case.supplements)
    ]


def papers_of(case: Case) -> list[dict[str, Any]]:
    """Issued forms; the file is made on first opening."""
    made = [
        {
            "name": paper.get_kind_display(),
            "url": reverse("hoso:paper", args=[paper.pk]),
            "note": " · ".join(
                filter(
                    None,
                    [paper.number, vndatetime(paper.issued_at), "" if paper.document_id else "đang tạo tệp"],
                )
            ),
        }
        for paper in reversed(case.papers)
    ]
    if case.dossier.accepted_at:
        url = reverse("hoso:control_slip", args=[case.dossier.submission_ref])
        made.append(
            {"name": Paper.Kind.CONTROL_SLIP.label, "url": url, "note": "in từ nhật ký bàn giao hiện tại"}
        )
    return made
