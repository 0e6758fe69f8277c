"""Two drafts of the citizen with a name: one laid aside yesterday, one whose thirty days are nearly over."""

from datetime import date, timedelta
from random import Random

from django.db import transaction

from config.demo import answers
from config.demo.cast import Cast
from config.demo.filing import begin, suited
from config.demo.plan import Plan
from config.demo.simulate import MemorySeries
from danhmuc.services import calendar_for
from hoso.forms import declaration
from hoso.models import Notice
from hoso.services import expiry, notices
from hoso.services.answers import pruned
from hoso.services.case import write

#: Days since the last saving; the second is told of already.
SILENT = (1, 27)


@transaction.atomic
def write_down(cast: Cast, plan: Plan) -> None:
    """The first page of each is filled in, the rest is still to do."""
    rng, office, by = Random(plan.number + 2), cast.offices[0], cast.citizens[0]
    series = MemorySeries(rng)
    for version, days in zip(suited(office.agency.pk), SILENT, strict=False):
        at = plan.now - timedelta(days=days)
        calendar = calendar_for(office.agency)
        whole = answers.fill(version, by, rng, at.date(), calendar, agency_name=office.agency.name)
        _number, section = declaration.pages(version, whole)[0]
        first = {
            spec["key"]: whole[spec["key"]]
            for spec in declaration.asked(section, whole)
            if spec["key"] in whole
        }
        case = begin(office, version, by=by, owner=by, series=series, at=at, answers=pruned(version, first))
        write([case])
        until: date = expiry.kept_until(case.dossier)
        if days > 25:
            channels = (Notice.Channel.PORTAL, Notice.Channel.EMAIL)
            key, told = f"draft:{until:%y%m%d}", plan.now - timedelta(days=1)
            notices.tell(
                case.dossier,
                expiry.DRAFTS.template,
                key=key,
                channels=channels,
                at=told,
                code="",
                until=until,
            )
    series.store()
