"""Signing in: who a typed name means, how often one may guess, and where each person begins the day."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from danhmuc.models import SignInGuard, User
from danhmuc.roles import Role
from danhmuc.text import fold

MAX_FAILURES = 5
WINDOW = timedelta(minutes=15)
LOCK = timedelta(minutes=15)


def account_key(typed: str) -> str:
    """The name a guard counts under: folded, so that capitals and accents give no further guesses."""
    return fold(typed).replace(" ", "")[:80]


def username_of(typed: str) -> str:
    """The sign-in name meant by what was typed: a citizen may type the personal ID instead."""
    name = typed.strip()
    digits = name.replace(" ", "")
    if len(digits) == 12 and digits.isdecimal():
        found = (
            User.objects.filter(personal_id=digits, kind=User.Kind.CITIZEN)
            .values_list("username", flat=True)
            .first()
        )
        return found or name
    return name.lower() if "." in name else name


def locked_until(typed: str) -> datetime | None:
    """When the next try is allowed, or None when one may try now."""
    guard = SignInGuard.objects.filter(account=account_key(typed), locked_until__gt=timezone.now()).first()
    return guard.locked_until if guard else None


@transaction.atomic
def record_failure(typed: str) -> datetime | None:
    """Count a failed try; returns until when the account is locked, if this one locked it."""
    now = timezone.now()
    guard, _ = SignInGuard.objects.get_or_create(account=account_key(typed), defaults={"first_at": now})
    guard = SignInGuard.objects.select_for_update().get(pk=guard.pk)
    if now - guard.first_at > WINDOW or (guard.locked_until and guard.locked_until <= now):
        guard.failures, guard.first_at, guard.locked_until = 0, now, None
    guard.failures = min(guard.failures + 1, MAX_FAILURES)
    if guard.failures >= MAX_FAILURES:
        guard.locked_until = now + LOCK
    guard.save()
    return guard.locked_until


def forget_failures(typed: str) -> None:
    """A successful sign-in clears the count."""
    SignInGuard.objects.filter(account=account_key(typed)).delete()


def home_of(user: User) -> str:
    """The page where a person's work begins."""
    if user.kind == User.Kind.POST:
        return "/buu-chinh/"
    roles = {position.role for position in user.positions_on()}
    if user.kind == User.Kind.STAFF and roles:
        return "/bao-cao/" if roles == {Role.SUPERVISOR} else "/mot-cua/"
    if user.is_staff:
        return "/quan-tri/"
    return "/ho-so-cua-toi/" if user.is_applicant else "/mot-cua/"
