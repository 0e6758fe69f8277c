"""A small province for tests: one commune with its desk, one department, a procedure, and people in office.

`world()` makes it once a test; `dossier_at(State.X)` walks a dossier there by real steps.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from danhmuc.loading.calendars import load_national_calendar, load_rule_sets
from danhmuc.loading.files import DATA
from danhmuc.models import (
    Agency,
    ChargeRule,
    Component,
    Desk,
    Field,
    Membership,
    Place,
    Position,
    Procedure,
    ProcedureVersion,
    RouteStep,
    User,
)
from danhmuc.roles import Role
from danhmuc.text import fold
from hoso.lifecycle import State
from hoso.models import Document, Dossier, PostalChoice
from hoso.services.case import Case, write
from hoso.services.dossiers import advance, open_draft

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
_serial = count(1)
SINCE = date(2018, 1, 1)


def moment(text: str) -> datetime:
    """A moment in Việt Nam: moment("2026-10-05 09:00")."""
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


def agency(
    key: str, name: str, *, parent: Agency | None = None, level: str = "commune", **more: Any
) -> Agency:
    """An agency of the tree."""
    made = Agency.objects.create(
        key=key,
        name=name,
        folded_name=fold(name),
        parent=parent,
        level=level,
        kind=more.pop("kind", "ubnd"),
        path="",
        valid_from=more.pop("valid_from", SINCE),
        **more,
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save(update_fields=["path"])
    return made


def person(full_name: str, *, kind: str = User.Kind.CITIZEN, **more: Any) -> User:
    """An account whose password is "Matkhau-123"."""
    number = next(_serial)
    values = {
        "username": f"{fold(full_name).replace(' ', '')}.{number}",
        "full_name": full_name,
        "folded_name": fold(full_name),
        "kind": kind,
        "phone": f"+84912{number:06d}",
    }
    if kind == User.Kind.CITIZEN:
        values |= {
            "personal_id": f"0251860{number:05d}",
            "birth_date": date(1986, 5, 4),
            "gender": "female",
            "email": f"nguoidan{number}@example.vn",
            "email_confirmed": True,
            "phone_confirmed": True,
            "address": "Khu 6",
            "eid_level": 2,
        }
    user = User(**(values | more))
    user.set_password("Matkhau-123")
    user.save()
    return user


def organisation(name: str, tax_code: str = "0100233488", **more: Any) -> User:
    """An organisation's account; the default tax code is a real one, as its check digit wants."""
    contact = {"email": f"vanthu@{tax_code}.example.vn", "email_confirmed": True, "phone_confirmed": True}
    return person(name, kind=User.Kind.ORGANISATION, tax_code=tax_code, **(contact | more))


def member(of: User, user: User, role: str = Membership.Role.MEMBER) -> Membership:
    """The person acts for the organisation from now on."""
    return Membership.objects.create(
        organisation=of,
        user=user,
        role=role,
        invited_id=user.personal_id,
        invited_by=of,
        accepted_at=timezone.now(),
    )


def officer(full_name: str, role: str, at: Agency, *, desk: Desk | None = None, **more: Any) -> User:
    """A member of staff in one position since long ago."""
    kind = (
        User.Kind.POST
        if role in {Role.POST_CARRIER, Role.POST_COORDINATOR, Role.POST_POINT_CLERK}
        else User.Kind.STAFF
    )
    user = person(full_name, kind=kind)
    Position.objects.create(user=user, agency=at, role=role, desk=desk, valid_from=SINCE, **more)
    return user


def procedure(code: str = "1.001193", name: str = "Đăng ký khai sinh", **version: Any) -> ProcedureVersion:
    """A published version at online level 3 with one required paper, a fee and the default route."""
    sector, _ = Field.objects.get_or_create(
        code="G15-TP07", defaults={"name": "Hộ tịch", "folded_name": "ho tich"}
    )
    charge, local = version.pop("charge", 8000), version.pop("set_locally", False)
    kind = version.pop("papers", Component.Kind.SUBMIT)
    route = version.pop("route", DEFAULT_ROUTE)
    made = Procedure.objects.create(
        code=code, name=name, field=sector, levels=["xa"], channels=["truc_tuyen"]
    )
    values: dict[str, Any] = {
        "number": 1,
        "valid_from": SINCE,
        "name": name,
        "online_level": 3,
        "time_value": 5,
        "time_unit": "working_day",
        "agency_roles": ["UBND_XA"],
        "steps_text": "Nộp hồ sơ; nhận kết quả.",
        "methods_text": "Trực tuyến, bưu chính, trực tiếp.",
        "subjects": ["Công dân Việt Nam"],
        "executing": "Ủy ban nhân dân cấp xã",
        "result_name": "Giấy khai sinh",
        "postal_intake_allowed": True,
        "postal_return_allowed": True,
        "fee_timing": "at_intake",
        "paper_check_mode": "before_release",
        "eform": EFORM,
    }
    draft = ProcedureVersion.objects.create(procedure=made, **(values | version))
    Component.objects.create(
        version=draft, order=1, name="Tờ khai đăng ký khai sinh", is_eform=True, required=True
    )
    Component.objects.create(version=draft, order=2, name="Giấy chứng sinh", required=True, kind=kind)
    Component.objects.create(version=draft, order=3, name="Văn bản ủy quyền", required=False, kind=kind)
    if charge:
        ChargeRule.objects.create(
            version=draft,
            kind="le_phi",
            name="Lệ phí đăng ký khai sinh",
            amount=charge,
            set_locally=local,
            basis="Nghị quyết của Hội đồng nhân dân tỉnh",
        )
    for order, (name_, at_, role, share, kind) in enumerate(route, start=1):
        RouteStep.objects.create(
            version=draft, order=order, name=name_, at=at_, role=role, share=share, kind=kind
        )
    ProcedureVersion.objects.filter(pk=draft.pk).update(
        status=ProcedureVersion.Status.PUBLISHED, published_at=timezone.now()
    )
    made.current = draft
    made.save(update_fields=["current"])
    draft.refresh_from_db()
    return draft


DEFAULT_ROUTE = (
    ("Chuyển hồ sơ", "desk", Role.DESK_OFFICER, 5, "transfer"),
    ("Phân công", "resolver", Role.DIVISION_HEAD, 10, "assign"),
    ("Thụ lý", "resolver", Role.CASE_OFFICER, 55, "work"),
    ("Ký kết quả", "resolver", Role.APPROVER, 20, "approve"),
    ("Đóng dấu, phát hành", "resolver", Role.RECORDS_CLERK, 10, "issue"),
)
EFORM: dict[str, Any] = {
    "title": "Tờ khai đăng ký khai sinh",
    "sections": [
        {
            "title": "Người yêu cầu",
            "fields": [
                {
                    "key": "submitter_full_name",
                    "label": "Họ, chữ đệm, tên",
                    "type": "text",
                    "required": True,
                    "prefill": "submitter.full_name",
                }
            ],
        },
        {
            "title": "Người được khai sinh",
            "fields": [
                {"key": "child_full_name", "label": "Họ, chữ đệm, tên", "type": "text", "required": True}
            ],
        },
    ],
    "declaration": "Tôi cam đoan lời khai trên là đúng sự thật.",
    "rules": [],
}
ANSWERS = {"submitter_full_name": "Nguyễn Thị Thanh Hương", "child_full_name": "Hoàng Gia Bảo"}


@dataclass
class World:
    """Everything a story needs, by name."""

    province: Agency
    commune: Agency
    other_commune: Agency
    department: Agency
    post: Agency
    desk: Desk
    other_desk: Desk
    centre: Desk
    version: ProcedureVersion
    place: Place
    citizen: User
    neighbour: User
    desk_officer: User
    desk_head: User
    division_head: User
    case_officer: User
    approver: User
    clerk: User
    cashier: User
    other_desk_officer: User
    other_case_officer: User
    carrier: User
    other_carrier: User
    coordinator: User
    supervisor: User
    system_admin: User
    system: User
    more: dict[str, Any] = field(default_factory=dict)


def world() -> World:
    """The small province. Calendars and rule sets are the shipped ones."""
    load_national_calendar(DATA)
    load_rule_sets(DATA)
    phu_tho = Place.objects.create(
        era="2", level="province", code="25", name="Tỉnh Phú Thọ", folded_name="tinh phu tho"
    )
    place = Place.objects.create(
        era="2",
        level="commune",
        code="07900",
        name="Phường Việt Trì",
        folded_name="phuong viet tri",
        parent=phu_tho,
    )
    ubnd = partial(agency, resolver_key="UBND_XA")
    province = agency(
        "UBND_TINH",
        "Ủy ban nhân dân tỉnh Phú Thọ",
        level="province",
        identifier="H44",
        legacy_identifier="000.00.00.H44",
    )
    commune = ubnd(
        "UBND_X1",
        "Ủy ban nhân dân phường Việt Trì",
        parent=province,
        identifier="H44.27",
        legacy_identifier="000.00.27.H44",
        place=place,
    )
    other = ubnd(
        "UBND_X2",
        "Ủy ban nhân dân xã Phù Ninh",
        parent=province,
        identifier="H44.28",
        legacy_identifier="000.00.28.H44",
    )
    department = agency(
        "SO_TP",
        "Sở Tư pháp",
        parent=province,
        level="province",
        kind="so",
        identifier="H44.14",
        resolver_key="SO_TP",
    )
    post = agency("BD_TINH", "Bưu điện tỉnh Phú Thọ", level="post", kind="buu_dien_tinh")

    def one_stop(key: str, serves: Agency, code: str) -> Desk:
        node = agency(
            key,
            f"Trung tâm Phục vụ hành chính công {serves.name.removeprefix('Ủy ban nhân dân ')}",
            parent=serves,
            level=serves.level,
            kind="mot_cua",
            identifier=code,
            legacy_identifier=f"000.{code[-2:]}.27.H44",
            phone="02103846123",
        )
        return Desk.objects.create(agency=node, serves=serves)

    desk, other_desk = one_stop("MC_X1", commune, "H44.27.01"), one_stop("MC_X2", other, "H44.28.01")
    centre = one_stop("TTPVHCC", province, "H44.01.01")
    return World(
        province=province,
        commune=commune,
        other_commune=other,
        department=department,
        post=post,
        desk=desk,
        other_desk=other_desk,
        centre=centre,
        version=procedure(),
        place=place,
        citizen=person("Nguyễn Thị Thanh Hương", place=place),
        neighbour=person("Hoàng Văn Bình", place=place),
        desk_officer=officer("Phạm Thị Lan Anh", Role.DESK_OFFICER, desk.agency, desk=desk),
        desk_head=officer("Đỗ Quang Minh", Role.DESK_HEAD, desk.agency, desk=desk),
        division_head=officer("Lê Đức Thắng", Role.DIVISION_HEAD, commune),
        case_officer=officer("Trần Thu Hà", Role.CASE_OFFICER, commune),
        approver=officer("Vũ Ngọc Sơn", Role.APPROVER, commune),
        clerk=officer("Bùi Thị Mai", Role.RECORDS_CLERK, commune),
        cashier=officer("Ngô Thị Yến", Role.CASHIER, desk.agency, desk=desk),
        other_desk_officer=officer("Đinh Thị Lành", Role.DESK_OFFICER, other_desk.agency, desk=other_desk),
        other_case_officer=officer("Quách Văn Hòa", Role.CASE_OFFICER, other),
        carrier=officer("Nguyễn Văn Tám", Role.POST_CARRIER, post),
        other_carrier=officer("Trần Văn Chín", Role.POST_CARRIER, post),
        coordinator=officer("Hà Thị Hạnh", Role.POST_COORDINATOR, post),
        supervisor=officer("Phùng Đình Khánh", Role.SUPERVISOR, province),
        system_admin=officer("Quản Trị", Role.SYSTEM_ADMIN, province),
        system=User.objects.system(),
    )


def draft(
    w: World, *, by: User | None = None, paper: bool = True, postal: bool = False, **values: Any
) -> Dossier:
    """An online draft of the citizen with everything filled in."""
    applicant = by or w.citizen
    version = values.pop("version", w.version)
    more = {
        "owner_name": applicant.full_name,
        "owner_id": applicant.personal_id,
        "submitter_name": applicant.full_name,
        "phone": applicant.phone,
        "email": applicant.email,
        "address": "Khu 6, phường Việt Trì, tỉnh Phú Thọ",
        "place": w.place,
        "answers": ANSWERS,
    } | values
    if postal:
        more |= {"papers_by": Dossier.PapersBy.POST, "return_by": Dossier.ReturnBy.POST}
    with transaction.atomic():
        case = open_draft(version, by=applicant, desk=w.desk, agency=w.commune, **more)
        if paper:
            upload(case, version.components.get(order=2), applicant)
        if postal:
            case.add(
                PostalChoice(
                    dossier=case.dossier,
                    service=PostalChoice.Service.BOTH,
                    pickup_address=case.dossier.address,
                    pickup_place=w.place,
                    delivery_address=case.dossier.address,
                    delivery_place=w.place,
                    receiver=applicant.full_name,
                    phone=applicant.phone,
                    registered_at=timezone.now(),
                )
            )
        write([case])
    return case.dossier


def upload(case: Case, component: Component | None, by: User, **more: Any) -> Document:
    """A row for a file, for stories in which the bytes do not matter."""
    number = next(_serial)
    return case.add(
        Document(
            dossier=case.dossier,
            component=component,
            kind=more.pop("kind", Document.Kind.UPLOAD),
            name=f"giay-to-{number}.pdf",
            title=component.name if component else "Giấy tờ",
            sha256=f"{number:064x}",
            size=1024,
            media_type="application/pdf",
            pages=1,
            added_by=by,
            added_at=timezone.now(),
            **more,
        )
    )


#: The straight way through the states: step, who, facts. `walk` follows it.
STRAIGHT: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("submit", "citizen", {}),
    ("accept", "desk_officer", {"eid_checked": True}),
    ("hand_over", "desk_officer", {}),
    ("sign_for", "division_head", {}),
    ("assign", "division_head", {"assignee": "case_officer"}),
    ("finish_task", "case_officer", {"result": "Đủ điều kiện", "proposed_outcome": "granted"}),
    (
        "decide",
        "approver",
        {"outcome": "granted", "title": "Giấy khai sinh", "body": "Đã đăng ký khai sinh."},
    ),
    ("issue_result", "clerk", {}),
    ("complete", "desk_officer", {"receiver_name": "Nguyễn Thị Thanh Hương", "relation": "chính chủ"}),
)
ITEMS = [
    {
        "name": "Giấy chứng sinh",
        "reason": "unreadable",
        "explanation": "Ảnh mờ, không đọc được ngày sinh. Chụp lại đủ bốn góc, nơi đủ sáng.",
    }
]


def step(w: World, dossier: Dossier, name: str, who: str, facts: dict[str, Any] | None = None) -> Dossier:
    """One step by a person of the world; people in facts are named too."""
    given = {k: getattr(w, v) if k in {"assignee", "to_user"} else v for k, v in (facts or {}).items()}
    return advance(dossier.pk, name, by=getattr(w, who), **given)


def walk(w: World, dossier: Dossier, until: str) -> Dossier:
    """Go the straight way until the step named has been taken, settling papers and money before the last one."""
    for name, who, facts in STRAIGHT:
        if name == "complete":
            dossier = settle(w, dossier)
        dossier = step(w, dossier, name, who, facts)
        if name == until:
            return dossier
    raise AssertionError(f"không có bước {until}")


def settle(w: World, dossier: Dossier) -> Dossier:
    """Papers brought to the desk and compared, fees paid in cash."""
    if dossier.paper_check == Dossier.PaperCheck.AWAITING_PAPER:
        dossier = step(w, dossier, "receive_papers", "desk_officer", {"papers": ["Giấy chứng sinh"]})
        dossier = step(
            w,
            dossier,
            "check_papers",
            "desk_officer",
            {"items": [{"name": "Giấy chứng sinh", "matches": True}]},
        )
    return pay(w, dossier)


def pay(w: World, dossier: Dossier, who: str = "desk_officer", method: str = "cash_desk") -> Dossier:
    """Everything due is paid."""
    due = list(dossier.charges.filter(status="due"))
    if due:
        facts = {
            "charges": [c.seq for c in due],
            "amount": sum(c.amount for c in due),
            "method": method,
            "reference": f"TT{next(_serial):08d}",
        }
        dossier = step(w, dossier, "record_payment", who, facts)
    return dossier


def dossier_at(w: World, state: State | str, **values: Any) -> Dossier:
    """A dossier that reached a state by real steps."""
    made = draft(w, **values)
    if state == State.DRAFT:
        return made
    if state == State.INTAKE_HOLD:
        return step(w, walk(w, made, "submit"), "ask_completion", "desk_officer", {"items": ITEMS})
    if state == State.REFUSED_INTAKE:
        return step(
            w, walk(w, made, "submit"), "refuse_intake", "desk_officer", {"note": "Không thuộc thẩm quyền."}
        )
    if state == State.ON_HOLD:
        return hold(w, walk(w, made, "assign"))
    if state == State.CLOSED:
        held = hold(w, walk(w, made, "assign"))
        after = held.wait_until + timedelta(hours=20)
        return advance(held.pk, "close_unsupplemented", by=w.desk_officer, at=after)
    if state == State.WITHDRAWN:
        return step(w, walk(w, made, "accept"), "withdraw", "citizen", {"note": "Không còn nhu cầu."})
    if state == State.VOIDED:
        return step(w, walk(w, made, "accept"), "void", "desk_head", {"note": "Nhập trùng hồ sơ."})
    until = {
        State.SUBMITTED: "submit",
        State.PROCESSING: "accept",
        State.DECIDED: "decide",
        State.COMPLETED: "complete",
    }
    return walk(w, made, until[State(state)])


def hold(w: World, dossier: Dossier) -> Dossier:
    """Proposed by the case officer, signed by the approver, sent by the desk."""
    dossier = step(w, dossier, "propose_hold", "case_officer", {"items": ITEMS})
    dossier = step(w, dossier, "sign_hold", "approver")
    return step(w, dossier, "hold", "desk_officer")
