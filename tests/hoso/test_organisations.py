"""Dossiers of an organisation belong to whoever acts for it now: not to those who left, not to those not yet in."""

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from danhmuc.models import Membership, User
from hoso.models import Dossier
from hoso.services.dossiers import advance, save_draft
from tests.factories import World, draft, member, organisation, person

pytestmark = pytest.mark.django_db
Again = Callable[[User], User]


@pytest.fixture
def again() -> Again:
    """The person as the next request meets them: what was read of them before is forgotten."""
    return lambda user: User.objects.get(pk=user.pk)


def test_who_sees_an_organisations_dossier(w: World, again: Again) -> None:
    company = organisation("Công ty cổ phần Chè Phú Thọ")
    writer, colleague, left, invited = (person(f"Người Thứ {n}") for n in ("Nhất", "Nhì", "Ba", "Tư"))
    for one in (writer, colleague, left):
        member(company, one)
    Membership.objects.filter(user=left).update(ended_at=timezone.now())
    Membership.objects.create(organisation=company, invited_id=invited.personal_id, invited_by=company)
    dossier = draft(w, by=writer, organisation=company)
    dossier.refresh_from_db()
    assert dossier.organisation == company
    sees = {
        writer: True,
        colleague: True,
        company: True,
        left: False,
        invited: False,
        w.neighbour: False,
        w.desk_officer: False,  # a draft is nobody's in the office
    }
    for user, expected in sees.items():
        fresh = again(user)
        assert Dossier.objects.visible_to(fresh).filter(pk=dossier.pk).exists() is expected, user
        assert Dossier.objects.of(fresh).filter(pk=dossier.pk).exists() is expected, user
        assert dossier.is_of(fresh) is expected, user


def test_who_filed_for_it_and_left_keeps_only_the_own_ones(w: World, again: Again) -> None:
    company = organisation("Công ty cổ phần Chè Phú Thọ")
    writer = person("Lê Thị Mơ")
    membership = member(company, writer)
    own, theirs = draft(w, by=writer), draft(w, by=writer, organisation=company)
    assert set(Dossier.objects.of(again(writer))) == {own, theirs}
    membership.ended_at = timezone.now()
    membership.save()
    gone = again(writer)
    assert list(Dossier.objects.of(gone)) == [own]
    with pytest.raises(PermissionDenied):
        advance(theirs.pk, "submit", by=gone)
    with pytest.raises(Dossier.DoesNotExist):
        save_draft(theirs.pk, by=gone, change=lambda case: None)


def test_a_colleague_goes_on_with_it(w: World, again: Again) -> None:
    company = organisation("Công ty cổ phần Chè Phú Thọ")
    writer, colleague = person("Lê Thị Mơ"), person("Hà Văn Sáu")
    member(company, writer)
    member(company, colleague)
    dossier = draft(w, by=writer, organisation=company)
    save_draft(dossier.pk, by=again(colleague), change=lambda case: None)
    filed = advance(dossier.pk, "submit", by=again(colleague))
    assert filed.events.get(name="submit").actor == colleague
    assert advance(dossier.pk, "withdraw", by=again(company), note="Nộp nhầm").state == "withdrawn"


def test_the_list_of_members_and_own_dossiers_reads_its_indexes(w: World, again: Again) -> None:
    company = organisation("Công ty cổ phần Chè Phú Thọ")
    writer = person("Lê Thị Mơ")
    member(company, writer)
    draft(w, by=writer, organisation=company)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Dossier.objects.of(again(writer)).order_by("-created_at").explain()
    assert "d_organisation" in plan
    assert "Seq Scan" not in plan
