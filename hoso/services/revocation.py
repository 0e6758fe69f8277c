"""Asks issuers, behind the page, whether a certificate on a signed file has been revoked (domain §14.3)."""

import logging
from datetime import timedelta

from django.utils import timezone

from hoso.gateways import opener, signing, store
from hoso.gateways.opening.kinds import Unfit
from hoso.models import Document

logger = logging.getLogger(__name__)

AGAIN = timedelta(minutes=15)
#: An issuer that has not answered within this time is not asked any more; the page says that nothing is known.
GIVE_UP = timedelta(hours=24)


def ask_issuers(*, limit: int = 50) -> int:
    """Ask about the files that are due; how many issuers answered."""
    now = timezone.now()
    answered = 0
    due = Document.objects.filter(ask_issuer_at__lte=now, removed_at=None).order_by("ask_issuer_at")
    for document in due[:limit]:
        try:
            read = opener.run(
                "signatures",
                seconds=20,
                path=store.path_of(document.sha256),
                roots=[str(root) for root in signing.trust_roots()],
                ask=True,
            )["signatures"]
        except Unfit:
            read = document.signatures
        open_ones = any(signature.get("askable") for signature in read)
        again = now + AGAIN if open_ones and document.added_at > now - GIVE_UP else None
        Document.objects.filter(pk=document.pk).update(signatures=read, ask_issuer_at=again)
        answered += not open_ones
    return answered
