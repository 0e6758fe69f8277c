"""A dossier filed online just now, through the same door as everybody's: what visitors of the demo should find waiting."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from config.demo import answers
from config.demo.cast import Cast, Office
from config.demo.plan import Plan, Sample
from config.demo.simulate import MemorySeries
from danhmuc.models import ProcedureVersion, User
from danhmuc.services import calendar_for, resolvers_for
from danhmuc.text import fold, within_address
from hoso.models import Document, Dossier, PostalChoice
from hoso.services.case import Case, write
from hoso.services.dossiers import open_draft, take
from hoso.services.postal import fetches_papers

#: What a company would do for somebody else.
BUSINESS = ("1.001612",)
POPULAR = ("2.000635", "1.001193", "2.000815", "1.004873")


def file_online(
    office: Office,
    plan: Plan,
    *,
    by: User,
    owner: User,
    at: datetime,
    post: bool = False,
    codes: Sequence[str] = POPULAR,
    **more: Any,
) -> Case | None:
    """The first of `codes` that fits. Begun at `at` and sent twelve minutes later, the papers fetched by the post when `post`; None where nothing
    suits the office.
    """
    rng, series = Random(plan.number), MemorySeries(Random(plan.number + owner.pk))
    version = next((v for v in suited(office.agency.pk, codes) if not post or _can_be_fetched(v)), None)
    if version is None:
        return None
    papers_by = Dossier.PapersBy.POST if post else Dossier.PapersBy.COUNTER
    case = begin(
        office,
        version,
        by=by,
        owner=owner,
        series=series,
        at=at,
        papers_by=papers_by if _asks_for_papers(version) else Dossier.PapersBy.NONE,
        answers=answers.fill(
            version, owner, rng, at.date(), calendar_for(office.agency), agency_name=office.agency.name
        ),
        **more,
    )
    for component in version.components.all():
        if component.required and not component.is_eform:
            _attach(case, plan.samples[0], Document.Kind.UPLOAD, component.name, component_id=component.pk)
    if case.dossier.on_behalf:
        _attach(case, plan.samples[1], Document.Kind.AUTHORITY, "Giấy ủy quyền")
    if post:
        case.add(
            PostalChoice(
                dossier=case.dossier,
                service=PostalChoice.Service.SEND,
                pickup_address=case.dossier.address,
                pickup_place_id=case.dossier.place_id,
                pickup_on=timezone.localdate(at),
                pickup_part="afternoon",
                phone=case.dossier.phone,
                registered_at=at,
            )
        )
    take(case, "submit", by=by, at=at + timedelta(minutes=12))
    write([case])
    series.store()
    return case


def begin(
    office: Office,
    version: ProcedureVersion,
    *,
    by: User,
    owner: User,
    series: MemorySeries,
    at: datetime,
    **more: Any,
) -> Case:
    """A draft in the name of its owner, written down by somebody at that moment."""
    return open_draft(
        version,
        by=by,
        desk=office.desk,
        agency=office.agency,
        series=series,
        at=at,
        owner_name=owner.full_name,
        owner_id=owner.personal_id,
        submitter_name=by.full_name,
        submitter_id=by.personal_id,
        phone=by.phone,
        email=by.email,
        address=f"{owner.address}, {within_address(str(owner.place))}, tỉnh Phú Thọ",
        place=owner.place,
        **more,
    )


def _can_be_fetched(version: ProcedureVersion) -> bool:
    return _asks_for_papers(version) and fetches_papers(version)


def _asks_for_papers(version: ProcedureVersion) -> bool:
    return version.paper_check_mode == "before_release"


def ask_at_home(cast: Cast, plan: Plan) -> None:
    """Two people filed this morning and wait at home for the postman, whatever the stories have left open."""
    for owner in cast.citizens[3:5]:
        file_online(cast.offices[0], plan, by=owner, owner=owner, at=plan.now - timedelta(hours=5), post=True)


def suited(agency_id: int, codes: Sequence[str] = POPULAR) -> list[ProcedureVersion]:
    """What of `codes` one may file online at that agency, in their order."""
    rank = {code: index for index, code in enumerate(codes)}
    versions = ProcedureVersion.objects.filter(
        status=ProcedureVersion.Status.PUBLISHED,
        procedure__is_current=True,
        procedure__code__in=codes,
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
