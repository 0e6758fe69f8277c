"""Codes of six digits that prove an address or a telephone is one's own. A code serves once, for a short while.

Whoever guesses has five tries a code; how often codes may be asked for is bounded by the caller (`limits`).
"""

import hmac
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.models import OneTimeCode

VALID = timedelta(minutes=15)
TRIES = 5


def issue(key: str) -> str:
    """A new code for the matter named by `key`; an earlier one no longer serves."""
    code = f"{secrets.randbelow(1_000_000):06d}"
    OneTimeCode.objects.update_or_create(
        key=key, defaults={"digest": _digest(key, code), "sent_at": timezone.now(), "tries": 0}
    )
    return code


@transaction.atomic
def redeem(key: str, typed: str) -> bool:
    """Whether this is the code; the right one is used up. After five wrong ones, or in time, none is right."""
    row = OneTimeCode.objects.select_for_update().filter(key=key).first()
    if row is None or row.sent_at < timezone.now() - VALID or row.tries >= TRIES:
        return False
    if hmac.compare_digest(row.digest, _digest(key, "".join(typed.split()))):
        row.delete()
        return True
    row.tries += 1
    row.save(update_fields=["tries"])
    return False


def sweep() -> int:
    """Forget codes nobody can use any more; how many there were."""
    removed, _ = OneTimeCode.objects.filter(sent_at__lt=timezone.now() - VALID).delete()
    return removed


def _digest(key: str, code: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), f"{key}:{code}".encode(), "sha256").hexdigest()
