"""Messages the portal has shown an applicant, by the line they were sent under."""

from collections.abc import Sequence

from django.template.exceptions import TemplateDoesNotExist
from django.utils.translation import gettext as _

from config.formats import vnd, vndate
from config.ui import vi
from hoso.models import Notice
from hoso.services import delivery
from portal.services.tracking import Item

POSTAL = "postal_"


def letters(notices: Sequence[Notice]) -> list[Item]:
    """Messages on the portal, newest first, by the line they were sent under."""
    return [
        {
            "at": notice.due_at,
            "title": _subject(notice),
            "text": _parcel(notice) if notice.template.startswith(POSTAL) else "",
            "level": "",
            "postal": notice.template.startswith(POSTAL),
        }
        for notice in notices
    ]


def _parcel(notice: Notice) -> str:
    """What the post says of a parcel: its number, the money taken, the day it is due."""
    facts = notice.context
    told = []
    if facts.get("tracking_number"):
        told.append(_("Số hiệu bưu gửi %(tracking_number)s.") % {"tracking_number": facts["tracking_number"]})
    if facts.get("amount"):
        told.append(_("Đã thu %(amount)s.") % {"amount": vnd(facts["amount"])})
    if facts.get("on"):
        told.append(_("Ngày %(on)s.") % {"on": vndate(facts["on"])})
    return " ".join(told)


def _subject(notice: Notice) -> str:
    try:
        return vi(delivery.subject_of(notice))
    except TemplateDoesNotExist:  # a text withdrawn since must not close the page
        return _("Thông báo về hồ sơ")
