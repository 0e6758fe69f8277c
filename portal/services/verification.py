"""Is this paper the one that was issued? Asked by whoever holds a result, with the code beside its QR (LGDĐT Art 12).

The answer names the document, not the person it was issued to: number, kind, agency, day, signer, whether it still
stands, and whether a file in hand is byte for byte the one on record.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.uploadedfile import UploadedFile

from hoso.models import Document, Paper, State
from hoso.services import printing
from hoso.services.errors import Refused
from portal.services import limits

WINDOW = timedelta(minutes=10)
BY_ADDRESS = 60


class TooMany(Exception):
    """Too many attempts; try again later."""


@dataclass(frozen=True)
class Verified:
    """What the public may know of an issued result."""

    code: str
    number: str
    kind: str
    agency: str
    issued_at: datetime
    signer: str
    signatures: list[dict[str, str]]
    sha256: str
    superseded_by: str


def tidy(code: str) -> str:
    """A code as people type it: any case, spaces and dashes between."""
    return re.sub(r"[\s\-–—]+", "", code).upper()[:12]


def find(code: str, *, address: str) -> Verified | None:
    """The issued result of a code, or None. One that waits for its seal is not issued yet. Raises TooMany."""
    wanted, bound = tidy(code), f"xac-minh:ip:{address}"
    if limits.count(bound, WINDOW) > BY_ADDRESS:
        raise TooMany
    if not wanted:
        return None
    paper = (
        Paper.objects.filter(verify_code=wanted, kind=Paper.Kind.RESULT)
        .select_related("document", "issued_by", "dossier__resolving_agency")
        .first()
    )
    if paper is None or (document := paper.document or _filed(paper)) is None:
        return None
    limits.forgive(bound)
    later = (
        Paper.objects.filter(dossier_id=paper.dossier_id, kind=Paper.Kind.RESULT, seq__gt=paper.seq)
        .order_by("-seq")
        .values_list("number", flat=True)
        .first()
    )
    return Verified(
        code=wanted,
        number=paper.number,
        kind=str(paper.facts.get("kind") or paper.get_kind_display()),
        agency=paper.dossier.resolving_agency.name,
        issued_at=paper.issued_at,
        signer=paper.issued_by.full_name,
        signatures=document.signatures,
        sha256=document.sha256,
        superseded_by=later or "",
    )


def _filed(paper: Paper) -> Document | None:
    """The file of a result that was issued and nobody has asked for yet: it is made now."""
    if paper.dossier.state != State.COMPLETED and paper.dossier.result_issued_at is None:
        return None
    try:
        return printing.file(paper)
    except Refused:
        return None


def is_same(found: Verified, upload: UploadedFile) -> bool:
    """Whether a file is byte for byte one that the record holds of this result, with one signature or with both."""
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    return Document.objects.filter(
        kind=Document.Kind.RESULT,
        sha256=digest.hexdigest(),
        dossier__papers__verify_code=found.code,
        number=found.number,
    ).exists()
