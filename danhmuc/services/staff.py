"""Accounts of officers: how they are named, how a person moves, temporary passwords (domain §19.1)."""

import re
import secrets
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from danhmuc.models import Agency, Desk, Position, User
from danhmuc.text import fold

TEMPORARY_HOURS = 24
#: Letters and digits that are not taken for one another when read from paper.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def _joined(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


def username_for(full_name: str, agency: Agency) -> str:
    """`hovaten.tendonvi`, with a number after the name when it is taken. A name is never given twice."""
    person, unit = _joined(full_name), _joined(agency.short_name or agency.name)
    if not person or not unit:
        raise ValueError("Cần họ tên và tên đơn vị để đặt tên đăng nhập.")
    unit = unit[:40]
    person = person[: 76 - len(unit)]
    pattern = rf"^{re.escape(person)}([0-9]*)\.{re.escape(unit)}$"
    taken = set(User.objects.filter(username__regex=pattern).values_list("username", flat=True))
    number, name = 1, f"{person}.{unit}"
    while name in taken:
        number += 1
        name = f"{person}{number}.{unit}"
    return name


def issue_temporary_password(user: User) -> str:
    """A password that opens only the change of password and expires; returned once, stored hashed."""
    password = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
    user.set_password(password)
    user.must_change_password = True
    user.temporary_until = timezone.now() + timedelta(hours=TEMPORARY_HOURS)
    user.save(update_fields=["password", "must_change_password", "temporary_until"])
    return password


@transaction.atomic
def create_staff(
    full_name: str,
    agency: Agency,
    role: str,
    *,
    desk: Desk | None = None,
    kind: str = User.Kind.STAFF,
    employer: str = Position.Employer.STATE,
    valid_from: date | None = None,
    **person: object,
) -> tuple[User, str]:
    """An account with its first position. Returns it with the temporary password."""
    user = User(
        username=username_for(full_name, agency),
        full_name=full_name,
        folded_name=fold(full_name),
        kind=kind,
        **person,
    )
    user.set_unusable_password()
    user.save()
    Position.objects.create(
        user=user,
        agency=agency,
        desk=desk,
        role=role,
        employer=employer,
        valid_from=valid_from or timezone.localdate(),
    )
    return user, issue_temporary_password(user)


@transaction.atomic
def move_staff(
    user: User,
    agency: Agency,
    role: str,
    *,
    on: date | None = None,
    desk: Desk | None = None,
    document_no: str = "",
) -> tuple[User, str]:
    """A person moves to another unit: a new account there, the old one locked, its positions ended the day before.

    Open work must have been handed on first; whoever calls this checks it (hoso knows, this app does not).
    Returns the new account with its temporary password.
    """
    day = on or timezone.localdate()
    last = day - timedelta(days=1)
    old = User.objects.select_for_update().get(pk=user.pk)
    employer = Position.Employer.STATE
    for position in old.positions.filter(valid_to=None):
        position.valid_to = max(last, position.valid_from)
        employer = Position.Employer(position.employer)
        position.save(update_fields=["valid_to"])
    old.is_active = False
    old.save(update_fields=["is_active"])
    moved, password = create_staff(
        old.full_name,
        agency,
        role,
        desk=desk,
        kind=old.kind,
        employer=employer,
        valid_from=day,
        personal_id=old.personal_id,
        birth_date=old.birth_date,
        gender=old.gender,
        phone=old.phone,
        email=old.email,
    )
    if document_no:
        moved.positions.update(document_no=document_no)
    return moved, password
