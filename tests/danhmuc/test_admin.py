"""The administration: every list opens within budget and can be searched; what was published is read-only."""

import pytest
from django.contrib import admin
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from danhmuc.models import CalendarDay, Position, Procedure, ProcedureVersion, User
from danhmuc.roles import Role
from danhmuc.services import staff

pytestmark = pytest.mark.usefixtures("catalogue")
MODELS = sorted(
    (model for model in admin.site._registry if model._meta.app_label == "danhmuc"),
    key=lambda m: m._meta.model_name,
)


@pytest.fixture
def boss(client: Client) -> Client:
    """A client signed in as the first administrator."""
    client.force_login(User.objects.create_superuser("quantri", "Matkhau-123", full_name="Quản trị"))
    return client


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m._meta.model_name)
def test_lists_open_within_budget_and_can_be_searched(boss: Client, model: type) -> None:
    address = reverse(f"admin:danhmuc_{model._meta.model_name}_changelist")  # type: ignore[attr-defined]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert boss.get(address).status_code == 200
    assert len(queries) <= 15
    if admin.site._registry[model].search_fields:
        assert boss.get(address, {"q": "khai sinh"}).status_code == 200


def test_the_folded_name_is_searched_without_diacritics(boss: Client) -> None:
    page = boss.get(reverse("admin:danhmuc_agency_changelist"), {"q": "so tu phap"})
    assert "Sở Tư pháp" in page.content.decode()


def test_back_after_errors_does_not_ask_to_send_the_form_again(boss: Client) -> None:
    address = reverse("admin:danhmuc_calendarday_add")
    assert "js/posted" in boss.post(address, {}).content.decode()
    assert "js/posted" not in boss.get(address).content.decode()


def test_what_was_published_is_read_only(boss: Client) -> None:
    version = ProcedureVersion.objects.get(procedure__code="1.001193")
    address = reverse("admin:danhmuc_procedureversion_change", args=[version.pk])
    page = boss.get(address).content.decode()
    assert 'name="_save"' not in page
    assert boss.post(address, {"name": "Khác"}).status_code == 403
    day = CalendarDay.objects.earliest("date")
    assert (
        boss.post(reverse("admin:danhmuc_calendarday_change", args=[day.pk]), {"name": "x"}).status_code
        == 403
    )
    assert (
        boss.post(reverse("admin:danhmuc_procedure_delete", args=[version.procedure_id])).status_code == 403
    )


def test_a_draft_is_opened_edited_and_published_here(boss: Client) -> None:
    version = ProcedureVersion.objects.get(procedure__code="1.001193")
    many = reverse("admin:danhmuc_procedureversion_changelist")
    boss.post(many, {"action": "open_next_draft", "_selected_action": [version.pk]})
    draft = ProcedureVersion.objects.get(procedure__code="1.001193", status="draft")
    page = boss.get(reverse("admin:danhmuc_procedureversion_change", args=[draft.pk])).content.decode()
    assert 'name="_save"' in page
    ProcedureVersion.objects.filter(pk=draft.pk).update(time_value=2)
    answer = boss.post(many, {"action": "publish", "_selected_action": [draft.pk]})
    assert [str(m) for m in get_messages(answer.wsgi_request)]
    assert Procedure.objects.get(code="1.001193").current_id == draft.pk
    boss.post(many, {"action": "publish", "_selected_action": [draft.pk]})
    assert ProcedureVersion.objects.filter(procedure__code="1.001193").count() == 2


def test_new_accounts_have_no_password_until_one_is_issued(boss: Client) -> None:
    add = reverse("admin:danhmuc_user_add")
    assert boss.get(add).status_code == 200
    data = {
        "username": "havansau.sotuphap",
        "full_name": "Hà Văn Sáu",
        "kind": "staff",
        "phone": "",
        "email": "",
    }
    total = {"positions-TOTAL_FORMS": "0", "positions-INITIAL_FORMS": "0"}
    boss.post(add, data | total)
    user = User.objects.get(username="havansau.sotuphap")
    assert user.folded_name == "ha van sau"
    assert not user.has_usable_password()
    answer = boss.post(
        reverse("admin:danhmuc_user_changelist"),
        {"action": "give_temporary_password", "_selected_action": [user.pk]},
    )
    said = [str(m) for m in get_messages(answer.wsgi_request)][-1]
    user.refresh_from_db()
    assert user.check_password(said.rsplit(" ", 1)[1])
    assert user.must_change_password


def test_a_unit_admin_without_permission_sees_no_administration(client: Client) -> None:
    from danhmuc.models import Agency

    user, _ = staff.create_staff("Lê Văn Tám", Agency.objects.get(key="SO_TP"), Role.UNIT_ADMIN)
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    client.force_login(user)
    assert client.get("/quan-tri/").status_code == 302
    assert Position.objects.filter(user=user).exists()
