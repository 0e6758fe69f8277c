"""One organisation of the demo: its account, two members, and a dossier it filed for somebody by authority."""

from datetime import timedelta
from random import Random

from django.contrib.auth.hashers import make_password
from django.db import transaction

from config.demo import answers
from config.demo.cast import COMPANY, PASSWORD, Cast
from config.demo.plan import Plan, Sample
from config.demo.simulate import MemorySeries
from danhmuc.models import Membership, ProcedureVersion, User
from danhmuc.services import calendar_for, resolvers_for
from danhmuc.text import fold
from hoso.models import Document, Dossier
from hoso.services.case import Case, write
from hoso.services.dossiers import open_draft, take

POPULAR = ("2.000635", "1.001193", "2.000815", "1.004873")


@transaction.atomic
def found(cast: Cast, plan: Plan) -> User:
    """The organisation, made once; the citizen with a name manages it, another one is a member."""
    tax_code, name = COMPANY
    company, made = User.objects.get_or_create(
        username=f"to-chuc-{tax_code}",
        defaults={
            "kind": User.Kind.ORGANISATION,
            "full_name": name,
            "folded_name": fold(name),
            "tax_code": tax_code,
            "phone": "+84912345670",
            "phone_confirmed": True,
            "email": "vanthu@chehungvuong.example.vn",
            "email_confirmed": True,
            "place": cast.citizens[0].place,
            "address": "Số 18, đường Hùng Vương",
            "password": make_password(PASSWORD),
        },
    )
    members = cast.citizens[:2] if made else []
    for citizen, role in zip(members, (Membership.Role.MANAGER, Membership.Role.MEMBER), strict=False):
        Membership.objects.create(
            organisation=company,
            user=citizen,
            role=role,
            invited_id=citizen.personal_id,
            invited_by=company,
            invited_at=plan.now - timedelta(days=20),
            accepted_at=plan.now - timedelta(days=19),
        )
    _file(cast, plan, company)
    return company


def _file(cast: Cast, plan: Plan, company: User) -> None:
    """The citizen with a name files for another citizen, the company standing for it, a few hours ago."""
    rng = Random(plan.number)
    office, owner = cast.offices[0], cast.citizens[2]
    by = User.objects.get(pk=cast.citizens[0].pk)  # a member only now
    version = next(iter(suited(office.agency.pk)), None)
    if version is None:
        return
    begin = plan.now - timedelta(hours=3)
    series = MemorySeries(rng)
    case = open_draft(
        version,
        by=by,
        desk=office.desk,
        agency=office.agency,
        series=series,
        at=begin,
        organisation=company,
        on_behalf=True,
        authority_note="Giấy ủy quyền số 12/GUQ, chứng thực tại UBND phường Việt Trì",
        owner_name=owner.full_name,
        owner_id=owner.personal_id,
        submitter_name=by.full_name,
        submitter_id=by.personal_id,
        phone=by.phone,
        email=by.email,
        address=f"{owner.address}, {owner.place}, tỉnh Phú Thọ",
        place=owner.place,
        papers_by=Dossier.PapersBy.COUNTER
        if version.paper_check_mode == "before_release"
        else Dossier.PapersBy.NONE,
        answers=answers.fill(version, owner, rng, begin.date(), calendar_for(office.agency)),
    )
    for component in version.components.all():
        if component.required and not component.is_eform:
            _attach(case, plan.samples[0], Document.Kind.UPLOAD, component.name, component_id=component.pk)
    _attach(case, plan.samples[1], Document.Kind.AUTHORITY, "Giấy ủy quyền")
    take(case, "submit", by=by, at=begin + timedelta(minutes=12))
    write([case])
    series.store()


def suited(agency_id: int) -> list[ProcedureVersion]:
    """What one may file online at that agency, the most popular first."""
    rank = {code: index for index, code in enumerate(POPULAR)}
    versions = ProcedureVersion.objects.filter(
        status=ProcedureVersion.Status.PUBLISHED,
        procedure__is_current=True,
        procedure__code__in=POPULAR,
        online_level__gte=3,
    ).select_related("procedure__field")
    found = [v for v in versions if resolvers_for(v).filter(pk=agency_id).exists()]
    return sorted(found, key=lambda v: rank[v.procedure.code])


def _attach(case: Case, sample: Sample, kind: str, title: str, *, component_id: int | None = None) -> None:
    case.add(
        Document(
            dossier=case.dossier,
            component_id=component_id,
            kind=kind,
            name=f"{fold(title).replace(' ', '-')[:60]}{sample.suffix}",
            title=title,
            sha256=sample.sha256,
            size=sample.size,
            media_type=sample.media_type,
            pages=sample.pages,
            added_by=case.dossier.entered_by,
            added_at=case.dossier.created_at,
        )
    )
