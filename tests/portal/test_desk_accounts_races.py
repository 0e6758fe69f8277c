"""Two officers and one account, or one number for two accounts. Real connections, real locks."""

from datetime import date
from typing import Any

import pytest

from danhmuc.models import User
from hoso.services.errors import Refused
from portal.models import AccountCorrection
from portal.services import corrections
from tests.factories import World, person, world
from tests.portal.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)
PAPER = corrections.Paper("card", "025186000098", date(2023, 3, 12))


@pytest.fixture
def w() -> World:
    return world()


def correct(account: User, by: User, **values: Any) -> object:
    """What a correction gives, its refusal included."""
    try:
        return corrections.correct(account, values, paper=PAPER, reason="Gõ nhầm khi đăng ký", by=by, seen=0)
    except Refused as refused:
        return refused


def test_two_officers_correct_one_account_at_once_and_one_is_told(w: World) -> None:
    ha = person("Lê Thị Hà")
    results = together(
        lambda: correct(ha, w.desk_officer, full_name="Lê Thị Hạ"),
        lambda: correct(ha, w.desk_head, full_name="Lê Thị Thu Hà"),
    )
    assert sorted(type(r).__name__ for r in results) == ["AccountCorrection", "Overtaken"]
    made = AccountCorrection.objects.get()
    ha.refresh_from_db()
    assert ha.full_name == made.changes[0]["after"]
    refused = next(r for r in results if isinstance(r, corrections.Overtaken))
    assert f"{made.by.full_name} vừa sửa tài khoản này" in str(refused)


def test_one_number_given_to_two_accounts_at_once_stays_with_one(w: World) -> None:
    one, two = person("Lê Thị Hà"), person("Lê Thị Hạ")
    results = together(
        lambda: correct(one, w.desk_officer, personal_id="025186000098"),
        lambda: correct(two, w.desk_head, personal_id="025186000098"),
    )
    assert sorted(type(r).__name__ for r in results) == ["AccountCorrection", "Refused"]
    assert "đã thuộc một tài khoản khác" in str(next(r for r in results if isinstance(r, Refused)))
    assert User.objects.filter(personal_id="025186000098").count() == 1
    assert AccountCorrection.objects.count() == 1
