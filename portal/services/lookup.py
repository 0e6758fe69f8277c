"""The public look-up: whoever has the code and four digits of the applicant's own learns how far the dossier is.

Wrong code and wrong digits get the same answer, so that nothing can be guessed; attempts are bounded by address and by
code (TT01/18 Art 16.2d; domain §19.3).
"""

import re
from datetime import timedelta

from django.db.models import Q

from hoso.models import Dossier, State
from portal.services import limits

WINDOW = timedelta(minutes=10)
BY_ADDRESS = 30
BY_CODE = 8
BY_CODE_A_DAY = 60
A_DAY = timedelta(days=1)


class TooMany(Exception):
    """Too many attempts; try again later."""


def tidy(code: str) -> str:
    """A code as people type it: any case, spaces, long dashes."""
    return re.sub(r"\s+", "", code).replace("–", "-").replace("—", "-").upper()[:64]


def find(code: str, digits: str, *, address: str) -> Dossier | None:
    """The dossier, or None for a wrong code or wrong digits alike. Raises TooMany."""
    wanted = tidy(code)
    bounds = (
        (f"tra-cuu:ip:{address}", WINDOW, BY_ADDRESS),
        (f"tra-cuu:ma:{wanted}", WINDOW, BY_CODE),
        (f"tra-cuu:ngay:{wanted}", A_DAY, BY_CODE_A_DAY),
    )
    if any(
        [limits.count(key, within) > most for key, within, most in bounds]
    ):  # all are counted, then judged
        raise TooMany
    dossier = (
        Dossier.objects.exclude(state=State.DRAFT)
        .filter(
            Q(submission_ref=wanted)
            | Q(issuing_system="provincial", code=wanted)
            | Q(external_code=wanted, external_code__gt="")
        )
        .select_related("version")
        .only(
            "code", "submission_ref", "external_code", "state", "hold_kind", "outcome", "channel", "papers_by",
            "return_by", "paper_check", "submitted_at", "accepted_at", "decided_at", "completed_at", "due_at",
            "phone", "owner_id", "submitter_id", "version__time_unit",
        )
        .first()
    )  # fmt: skip
    if dossier is None or len(digits) != 4:
        return None
    known = {
        number[-4:] for number in (dossier.phone, dossier.owner_id, dossier.submitter_id) if len(number) >= 8
    }
    if digits not in known:
        return None
    for key, _, _ in bounds:  # a right answer is no guess: many people share one address of a mobile network
        limits.forgive(key)
    return dossier
