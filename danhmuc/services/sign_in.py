"""Signing in: who a typed name means, how often one may guess, and where each person begins the day."""

import re
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from danhmuc.models import SignInGuard, User
from danhmuc.roles import Role
from danhmuc.text import fold

#: In the session of whoever came in through somebody else's door: the address of ours that ends it there too.
LEAVE_BY = "leave_by"
MAX_FAILURES = 5
WINDOW = timedelta(minutes=15)
LOCK = timedelta(minutes=15)


def account_key(typed: str) -> str:
    """The name a guard counts under: folded, so that capitals and accents give no further guesses."""
    return fold(typed).replace(" ", "")[:80]


def find(typed: str) -> User | None:
    """The account meant by what was typed: sign-in name, personal ID, tax code, or a confirmed e-mail address.

    An address that several accounts share names none of them; neither does an officer's.
    """
    name = typed.strip()
    if "@" in name:
        sharing = User.objects.filter(email__iexact=name, email_confirmed=True, kind__in=User.APPLICANTS)[:2]
        found = list(sharing)
        return found[0] if len(found) == 1 else None
    number = re.sub(r"[\s.\-]", "", name)
    if re.fullmatch(r"\d{12}", number, re.ASCII):
        found_by_id = User.objects.filter(kind=User.Kind.CITIZEN, personal_id=number).first()
        if found_by_id:
            return found_by_id
    if re.fullmatch(r"\d{10}(\d{3})?", number, re.ASCII):
        code = f"{number[:10]}-{number[10:]}".rstrip("-")
        return User.objects.filter(kind=User.Kind.ORGANISATION, tax_code=code).first()
    return User.objects.filter(username=name.lower() if "." in name else name).first()


def username_of(typed: str) -> str:
    """The sign-in name meant by what was typed; what was typed when it means nobody."""
    found = find(typed)
    return found.username if found else typed.strip()[:150]


def local_until(kind: str) -> date | None:
    """The last day on which accounts of this portal may be used (NĐ69 Art 40.3–40.4); None when without end here."""
    ends = {
        User.Kind.CITIZEN: settings.LOCAL_PERSONS_UNTIL,
        User.Kind.ORGANISATION: settings.LOCAL_ORGANISATIONS_UNTIL,
    }
    return ends.get(User.Kind(kind))


def is_local_open(kind: str) -> bool:
    """Whether a password of this portal opens accounts of that kind today; officers' always do."""
    until = local_until(kind)
    return until is None or timezone.localdate() <= until


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
        if roles == {Role.PROCEDURE_CONTROLLER}:
            return "/cach-goi/"
        if roles == {Role.FEEDBACK_HANDLER}:
            return "/phan-anh/xu-ly/"
        if roles == {Role.HOTLINE_OPERATOR}:
            return "/phan-anh/xu-ly/ghi/"
        return "/bao-cao/" if roles == {Role.SUPERVISOR} else "/mot-cua/"
    if user.is_staff:
        return "/quan-tri/"
    return "/ho-so-cua-toi/" if user.is_applicant else "/mot-cua/"
