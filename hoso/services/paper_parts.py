"""What several legal forms share: head, people, signatures, charges, the list of papers handed in."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from danhmuc.models import Agency, Component, User
from danhmuc.roles import Role
from hoso.gateways import signing
from hoso.models import AgencyTask, Charge, Document, Dossier, Handover, Paper
from hoso.services.case import Case
from hoso.services.routes import version_parts

Facts = dict[str, Any]

COMMITTEE = re.compile(
    r"^(?:Ủy ban nhân dân|UBND)\s+(?:tỉnh|thành phố|thị xã|thị trấn|huyện|quận|phường|xã|đặc khu)\s+", re.I
)
CHARGE_WORDS = {
    Charge.Status.DUE: "chưa nộp",
    Charge.Status.PAID: "đã nộp",
    Charge.Status.EXEMPT: "được miễn",
    Charge.Status.CANCELLED: "không thu",
    Charge.Status.REFUNDED: "đã hoàn",
}


def head(case: Case, paper: Paper, *, agency: Agency | None = None) -> Facts:
    """Head of a paper issued by the desk, or by the agency named."""
    dossier = case.dossier
    facts: Facts = {
        "agency": agency.name if agency else bare_desk(case),
        "number": paper.number,
        "place": locality(dossier.desk.serves),
        "issued_on": timezone.localdate(paper.issued_at).isoformat(),
    }
    if agency is None:
        facts["upper"] = dossier.desk.serves.name.replace("Ủy ban nhân dân", "UBND", 1)
    if dossier.code:
        facts["code"] = dossier.code
    return facts


def bare_desk(case: Case) -> str:
    """The desk's name without the commune, which the line above it already says."""
    served = case.dossier.desk.serves.name.removeprefix("Ủy ban nhân dân").strip()
    return case.dossier.desk.agency.name.removesuffix(served).strip()


def locality(committee: Agency) -> str:
    """The place beside the date: the bare name of the commune or province (NĐ30)."""
    return COMMITTEE.sub("", committee.name)


def iso(at: datetime | str | None) -> str | None:
    if isinstance(at, datetime):
        return timezone.localtime(at).isoformat()
    return at


def day(at: datetime | None) -> str | None:
    return timezone.localdate(at).isoformat() if at else None


def applicant(dossier: Dossier) -> Facts:
    return {
        "name": dossier.submitter_name or dossier.owner_name,
        "address": dossier.address,
        "phone": dossier.phone,
        "email": dossier.email,
        "id_number": dossier.submitter_id or dossier.owner_id,
    }


def addressee(dossier: Dossier) -> Facts:
    return {"title": "Ông/Bà", "name": dossier.owner_name, "address": dossier.address, "phone": dossier.phone}


def desk_sign(case: Case, paper: Paper, role: str) -> Facts:
    agency = case.dossier.desk.agency
    who = signing.Identity(signing.ORGANISATION, agency.key, agency.name)
    return {"role": role, "name": name_of(paper.issued_by), "digital": signing.signer().can_sign(who)}


def agency_sign(case: Case, paper: Paper, role: str, name: str) -> Facts:
    agency = case.dossier.resolving_agency
    who = signing.Identity(signing.ORGANISATION, agency.key, agency.name)
    return {"role": role, "name": name, "digital": signing.signer().can_sign(who)}


def name_of(user: User) -> str:
    """A slip the system issues by itself bears no person's name."""
    return "" if user.kind == User.Kind.SYSTEM else user.full_name


def polite_name(user: User) -> str:
    """With "ông" or "bà", as a form speaks of an officer; empty for the system."""
    word = {"male": "ông", "female": "bà"}.get(user.gender)
    return f"{word or 'ông/bà'} {name_of(user)}" if name_of(user) else "Bộ phận Một cửa"


def title_of(case: Case, user: User, role: str) -> str:
    """The signer's title as the position names it."""
    held = user.positions_on(case.acting_day)
    best = sorted(held, key=lambda position: position.role != role)
    return (best[0].title or best[0].get_role_display()) if best else Role(role).label


def lookup() -> Facts:
    parts = urlsplit(settings.PUBLIC_BASE_URL)
    return {"lookup": f"{parts.netloc}/tra-cuu", "hotline": settings.HOTLINE}


def recipients(case: Case) -> list[str]:
    return ["Như trên", case.dossier.desk.agency.name, "Lưu: VT"]


def charge_rows(charges: list[Charge]) -> Facts:
    rows = [
        {"label": c.name, "amount": c.amount, "status": CHARGE_WORDS[Charge.Status(c.status)]}
        for c in charges
    ]
    return {"charges": rows, "charges_total": sum(c.amount for c in charges)}


def component_rows(case: Case) -> list[Facts]:
    """What was handed in, paper by paper. With no file to count (a counter without a scanner), what the procedure
    requires stands for what the officer checked.
    """
    copies = {Document.CopyKind.ORIGINAL: "original", Document.CopyKind.CERTIFIED: "certified"}
    rows: list[Facts] = []
    components: tuple[Component, ...] = version_parts(case.dossier.version_id)[1]
    given = [d for d in case.current_documents if d.kind in {Document.Kind.UPLOAD, Document.Kind.SCAN}]
    for component in components:
        files = [d for d in given if d.component_id == component.pk]
        row: Facts = {"name": component.name, "original": 0, "certified": 0, "photo": 0}
        if component.is_eform:
            row["original"] = 1
        elif files:
            for document in files:
                row[copies.get(Document.CopyKind(document.copy_kind), "photo")] += 1
        elif not given and component.required:
            row["original"], row["photo"] = component.originals, component.copies
        else:
            continue
        rows.append(row)
    for document in case.current_documents:
        if document.component_id is None and document.kind in Document.GIVEN:
            row = {"name": document.title or document.name, "original": 0, "certified": 0, "photo": 0}
            row[copies.get(Document.CopyKind(document.copy_kind), "photo")] = 1
            rows.append(row)
    return rows or [{"name": "Hồ sơ theo quy định của thủ tục", "original": 1, "certified": 0, "photo": 0}]


def return_words(dossier: Dossier) -> str:
    if dossier.return_by == Dossier.ReturnBy.POST:
        return "nơi đăng ký, qua dịch vụ bưu chính công ích"
    if dossier.return_by == Dossier.ReturnBy.ELECTRONIC:
        return "tài khoản của người nộp trên Cổng Dịch vụ công (bản điện tử)"
    return dossier.desk.agency.name


DESK_ROLES = frozenset({Role.DESK_OFFICER, Role.DESK_HEAD})


@dataclass(frozen=True)
class Passing:
    """One handover with both sides in words: the desk and its committee are one agency, and two places."""

    handover: Handover
    giver: str
    receiver: str


def passings(case: Case) -> list[Passing]:
    """The way of the dossier from hand to hand, without what was taken back."""
    desk, found = case.dossier.desk, list[Passing]()
    giver = desk.agency.name
    for handover in case.handovers:
        if handover.recalled_at is not None:
            continue
        to_desk = handover.to_role in DESK_ROLES and handover.to_agency_id == desk.serves_id
        receiver = desk.agency.name if to_desk else handover.to_agency.name
        if not to_desk and handover.to_role:
            receiver = f"{receiver} ({Role(handover.to_role).label.lower()})"
        if handover.what == Handover.What.RESULT:
            giver = case.dossier.resolving_agency.name
        found.append(Passing(handover, giver, receiver))
        if handover.what == Handover.What.DOSSIER:
            giver = receiver
    return found


def place_of(case: Case, task: AgencyTask) -> str:
    """Where a step is done."""
    return case.dossier.desk.agency.name if task.role in DESK_ROLES else task.agency.name
