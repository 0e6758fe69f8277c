"""One organisation of the demo: its account, two members, and a dossier it filed for somebody by authority."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from config.demo.cast import COMPANY, PASSWORD, Cast
from config.demo.filing import BUSINESS, file_online
from config.demo.plan import Plan
from danhmuc.models import Membership, User
from danhmuc.text import fold


@transaction.atomic
def found(cast: Cast, plan: Plan) -> User:
    """The organisation, made once; the citizen with a name manages it, another one is a member."""
    tax_code, name = COMPANY
    company, made = User.objects.get_or_create(
        username=f"to-chuc-{tax_code}",
        defaults={
            "kind": User.Kind.ORGANISATION,
            "full_name": name,
            "folded_name": fold(name),
            "tax_code": tax_code,
            "phone": "+84912345670",
            "phone_confirmed": True,
            "email": "vanthu@chehungvuong.example.vn",
            "email_confirmed": True,
            "place": cast.citizens[0].place,
            "address": "Số 18, đường Hùng Vương",
            "password": make_password(PASSWORD),
        },
    )
    members = cast.citizens[:2] if made else []
    for citizen, role in zip(members, (Membership.Role.MANAGER, Membership.Role.MEMBER), strict=False):
        Membership.objects.create(
            organisation=company,
            user=citizen,
            role=role,
            invited_id=citizen.personal_id,
            invited_by=company,
            invited_at=plan.now - timedelta(days=20),
            accepted_at=plan.now - timedelta(days=19),
        )
    _file_for_another(cast, plan, company)
    return company


def _file_for_another(cast: Cast, plan: Plan, company: User) -> None:
    """The citizen with a name files for another citizen, the company standing for it, a few hours ago."""
    by = User.objects.get(pk=cast.citizens[0].pk)  # a member only now
    file_online(
        cast.offices[0],
        plan,
        by=by,
        owner=cast.citizens[2],
        at=plan.now - timedelta(hours=3),
        organisation=company,
        codes=BUSINESS,
        on_behalf=True,
        authority_note="Giấy ủy quyền số 12/GUQ, chứng thực tại UBND phường Việt Trì",
    )
