"""A few people who noticed a mistake after filing: one asks and waits, one was agreed with, one was not, one was in time
to change it without asking.
"""

from collections.abc import Iterator
from datetime import datetime
from random import Random

from config.demo.cast import Cast
from config.demo.plan import Plan, Sample
from danhmuc.roles import Role
from danhmuc.text import fold
from hoso.models import Document, Dossier, State
from hoso.services import amendments, preparing
from hoso.services.answers import EMPTY, shown_fields, shown_sections
from hoso.services.documents import Received

BLURRED = "Ảnh chụp lần trước bị mờ, gửi lại bản rõ hơn."
PHONE = "Số điện thoại cũ không dùng nữa."
REFUSED = "Tệp mới không phải giấy tờ của mục này. Chụp lại đúng bản chính rồi gửi lại."


def tell(cast: Cast, plan: Plan) -> None:
    """Through the same services as the pages, first of all at the office whose people have names."""
    rng, desks = Random(plan.number + 3), {o.desk.pk: o.staff[Role.DESK_OFFICER][0] for o in cast.offices}
    for dossier in _filed(cast, State.SUBMITTED)[:1]:
        _better_paper(dossier, plan.samples[0], _moments(dossier, plan.now))
    named = _filed(cast, State.PROCESSING, mine=True)[:1]
    others = _filed(cast, State.PROCESSING, mine=False)[: 3 - len(named)]
    for dossier, end in zip([*named, *others], ("waits", "accepted", "refused"), strict=False):
        moments = _moments(dossier, plan.now)
        _better_paper(dossier, plan.samples[0], moments)
        if end == "waits":
            _another_phone(dossier, rng, moments)
        elif end == "accepted":
            amendments.accept(dossier.pk, by=desks[dossier.desk_id], at=next(moments))
        else:
            amendments.refuse(dossier.pk, by=desks[dossier.desk_id], answer=REFUSED, at=next(moments))


def _filed(cast: Cast, state: str, *, mine: bool | None = None) -> list[Dossier]:
    """Dossiers with papers that citizens filed online, the latest first; the named citizen's own, or others'."""
    with_papers = Document.objects.filter(kind=Document.Kind.UPLOAD).exclude(component=None)
    found = Dossier.objects.filter(
        desk__in={office.desk.pk for office in cast.offices},
        state=state,
        channel=Dossier.Channel.ONLINE,
        organisation=None,
        pk__in=with_papers.values("dossier_id"),
    ).exclude(applicant=None)
    if mine is not None:
        own = found.filter(applicant=cast.citizens[0])
        found = own if mine else found.exclude(pk__in=own.values("pk"))
    rows = found.select_related("applicant", "version").order_by("-submitted_at", "submission_ref")
    return sorted(rows[:40], key=lambda row: row.desk_id != cast.offices[0].desk.pk)[:3]


def _moments(dossier: Dossier, now: datetime) -> Iterator[datetime]:
    """Later and later, always before the present."""
    at: datetime = dossier.updated_at or dossier.created_at
    while True:
        at += (now - at) * 0.4
        yield at


def _better_paper(dossier: Dossier, sample: Sample, moments: Iterator[datetime]) -> None:
    """One paper photographed again."""
    by, old = (
        dossier.applicant,
        dossier.documents.filter(kind=Document.Kind.UPLOAD).exclude(component=None)[0],
    )
    assert by is not None
    assert old.component is not None
    name = f"{fold(old.component.name).replace(' ', '-')[:40]}-chup-lai{sample.suffix}"
    better = Received(name, sample.sha256, sample.size, sample.media_type, sample.pages, [])
    at = next(moments)
    preparing.prepare_file(dossier.pk, better, by=by, component=old.component, at=at)
    preparing.leave_out(dossier.pk, old.pk, by=by)
    amendments.send(dossier.pk, by=by, reason=BLURRED, at=at)


def _another_phone(dossier: Dossier, rng: Random, moments: Iterator[datetime]) -> None:
    """Another telephone number, where the form asks for one."""
    keys = [
        field["key"]
        for _number, section in shown_sections(dossier.version, dossier.answers)
        for field in shown_fields(section, dossier.answers)
        if field["type"] == "phone" and dossier.answers.get(field["key"]) not in EMPTY
    ]
    if keys and dossier.applicant is not None:
        values = {keys[0]: f"+8497{rng.randrange(10**6, 10**7)}"}
        reason = f"{BLURRED} {PHONE}"
        amendments.ask(dossier.pk, by=dossier.applicant, values=values, reason=reason, at=next(moments))
