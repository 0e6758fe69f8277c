"""Members of an organisation: invited, in, out. Whoever is in acts for it and sees its dossiers (`hoso.access`).

An invitation names a personal ID or an e-mail address and is answered by whoever signs in with it. The one who invites
is told the same whether or not such an account exists.
"""

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import Membership, User
from hoso import access
from hoso.models import Notice
from hoso.services import notices
from hoso.services.errors import Refused

MOST_INVITED = 50


def organisations_of(user: User) -> QuerySet[User]:
    """The organisations the person acts for now, by name."""
    return User.objects.filter(pk__in=access.organisations_of(user)).order_by("full_name", "pk")


def acts_for_any(user: User) -> bool:
    """Whether a person may choose between the own name and an organisation's."""
    return user.kind == User.Kind.CITIZEN and bool(access.organisations_of(user))


def may_manage(user: User, organisation: User) -> bool:
    """Whether the person may invite, remove and give roles there."""
    return access.may_manage(user, organisation.pk)


def members_of(organisation: User) -> QuerySet[Membership]:
    """Present members, managers first."""
    present = Membership.objects.present().filter(organisation=organisation).select_related("user")
    return present.order_by("role", "user__folded_name", "pk")


def invited_to(organisation: User) -> QuerySet[Membership]:
    """Invitations still open, newest first."""
    return Membership.objects.invited().filter(organisation=organisation).order_by("-pk")


def invitations_for(user: User) -> QuerySet[Membership]:
    """Invitations a person may answer: those that name the personal ID or the confirmed e-mail address."""
    if user.kind != User.Kind.CITIZEN:
        return Membership.objects.none()
    named = Q(pk__in=[])
    if user.personal_id:
        named |= Q(invited_id=user.personal_id)
    if user.email and user.email_confirmed:
        named |= Q(invited_email=user.email.lower())
    return Membership.objects.invited().filter(named).select_related("organisation").order_by("pk")


@transaction.atomic
def invite(
    organisation: User,
    *,
    by: User,
    personal_id: str = "",
    email: str = "",
    role: str = Membership.Role.MEMBER,
) -> Membership:
    """Ask somebody to act for the organisation. Asked twice, the first invitation stands with the newer role.

    Raises Refused when `by` may not, when the person is in already, or when too many invitations are open.
    """
    organisation = _locked(organisation.pk)
    _check_manages(by, organisation)
    email = email.lower()
    known = _account(personal_id, email)
    if known and members_of(organisation).filter(user=known).exists():
        raise Refused(_("Người này đã là thành viên của tổ chức."))
    open_ones = invited_to(organisation)
    again = open_ones.filter(invited_id=personal_id, invited_email=email).first()
    if again is not None:
        again.role = role
        again.save(update_fields=["role"])
        return again
    if open_ones.count() >= MOST_INVITED:
        raise Refused(_("Đang có quá nhiều lời mời chưa trả lời. Thu hồi bớt rồi mời tiếp."))
    made = Membership.objects.create(
        organisation=organisation, role=role, invited_id=personal_id, invited_email=email, invited_by=by
    )
    address = email or (known.email if known and known.email_confirmed else "")
    if address:
        _write("member_invited", made, address, known)
    return made


@transaction.atomic
def answer(pk: int, *, by: User, accept: bool) -> Membership:
    """Accept or decline an invitation. Raises Membership.DoesNotExist when it is another's or answered already."""
    _locked(invitations_for(by).get(pk=pk).organisation_id)
    found = invitations_for(by).select_for_update(of=("self",)).get(pk=pk)
    now = timezone.now()
    if not accept or members_of(found.organisation).filter(user=by).exists():
        found.ended_at, found.ended_by = now, by
    else:
        found.user, found.accepted_at = by, now
    found.save()
    by.__dict__.pop("_organisations", None)
    return found


@transaction.atomic
def end(pk: int, *, by: User) -> Membership:
    """Take back an invitation, remove a member, or leave. Twice changes nothing.

    Raises Membership.DoesNotExist for one the person may not even see.
    """
    found = Membership.objects.select_for_update().get(pk=pk)
    if found.user_id != by.pk and not access.may_manage(by, found.organisation_id):
        raise Membership.DoesNotExist
    if found.ended_at is None:
        found.ended_at, found.ended_by = timezone.now(), by
        found.save(update_fields=["ended_at", "ended_by"])
        by.__dict__.pop("_organisations", None)
        if found.user is not None and found.user_id != by.pk and found.user.email_confirmed:
            _write("member_ended", found, found.user.email, found.user)
    return found


@transaction.atomic
def give_role(pk: int, role: str, *, by: User) -> Membership:
    """Make a member a manager, or the other way round. Raises DoesNotExist or Refused (one's own role)."""
    found = Membership.objects.present().select_for_update().get(pk=pk)
    if not access.may_manage(by, found.organisation_id):
        raise Membership.DoesNotExist
    if found.user_id == by.pk:
        raise Refused(_("Không tự đổi vai trò của mình. Nhờ người quản lý khác hoặc dùng tài khoản tổ chức."))
    found.role = Membership.Role(role)
    found.save(update_fields=["role"])
    return found


def _locked(pk: int) -> User:
    """Two invitations at once are counted, and answered, one after the other."""
    return User.objects.select_for_update().get(pk=pk, kind=User.Kind.ORGANISATION)


def _check_manages(by: User, organisation: User) -> None:
    if not access.may_manage(by, organisation.pk):
        raise Refused(_("Chỉ tài khoản tổ chức hoặc người quản lý của tổ chức làm được việc này."))


def _account(personal_id: str, email: str) -> User | None:
    citizens = User.objects.filter(kind=User.Kind.CITIZEN)
    if personal_id:
        return citizens.filter(personal_id=personal_id).first()
    sharing = list(citizens.filter(email__iexact=email, email_confirmed=True)[:2])
    return sharing[0] if len(sharing) == 1 else None


def _write(template: str, membership: Membership, address: str, person: User | None) -> None:
    notices.tell_person(
        template,
        key=f"{template}:{membership.pk}",
        channel=Notice.Channel.EMAIL,
        address=address,
        recipient=person,
        name=membership.organisation.full_name,
        url=f"{settings.PUBLIC_BASE_URL}/tai-khoan/to-chuc/",
    )
