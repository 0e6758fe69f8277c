"""What was published cannot be changed, whoever tries: the database itself refuses."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from danhmuc.models import CalendarDay, CalendarVersion, ChargeRule, Component, ProcedureVersion, RouteStep
from danhmuc.services import procedures

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def version() -> ProcedureVersion:
    """A published version with papers, a fee and a route."""
    return ProcedureVersion.objects.get(procedure__code="2.000635")


def _refused(act: Callable[[], object], words: str) -> None:
    with pytest.raises(IntegrityError, match=words), transaction.atomic():
        act()


def test_published_content_is_refused(version: ProcedureVersion) -> None:
    rows = ProcedureVersion.objects.filter(pk=version.pk)
    for change in (
        {"name": "Tên khác"},
        {"time_value": 9},
        {"eform": {}},
        {"status": "draft"},
        {"valid_from": timezone.localdate()},
    ):
        _refused(lambda change=change: rows.update(**change), "chỉ được cho hết hiệu lực")
    _refused(lambda: version.components.all().delete(), "đã công khai")
    _refused(
        lambda: rows.first() and ProcedureVersion.objects.filter(pk=version.pk)._raw_delete("default"),
        "không xóa được",
    )


def test_parts_of_a_published_version_are_refused(version: ProcedureVersion) -> None:
    _refused(lambda: version.components.update(required=True), "lập bản mới")
    _refused(lambda: version.charge_rules.update(amount=1), "lập bản mới")
    _refused(lambda: version.route.filter(order=1).update(share=6), "lập bản mới")
    _refused(lambda: Component.objects.create(version=version, order=99, name="Thêm"), "lập bản mới")
    _refused(
        lambda: ChargeRule.objects.create(version=version, kind="phi", name="Phí", amount=1), "lập bản mới"
    )
    _refused(lambda: RouteStep.objects.filter(version=version).delete(), "lập bản mới")


def test_retiring_is_allowed_and_final(version: ProcedureVersion) -> None:
    rows = ProcedureVersion.objects.filter(pk=version.pk)
    rows.update(status="retired", valid_to=timezone.localdate())
    _refused(lambda: rows.update(status="published"), "hết hiệu lực")


def test_a_draft_is_free_and_becomes_the_next_version(version: ProcedureVersion) -> None:
    draft = procedures.draft_from(version)
    draft.components.update(required=False)
    draft.charge_rules.update(amount=9000)
    procedures.publish_version(draft)
    version.refresh_from_db()
    draft.refresh_from_db()
    assert (version.status, draft.status, draft.number) == ("retired", "published", 2)
    assert version.charge_rules.get().amount == 8000
    assert draft.procedure.current_id == draft.pk


def test_calendar_rows_may_only_be_closed() -> None:
    day = CalendarDay.objects.filter(removed_in=None).first()
    version = CalendarVersion.objects.order_by("-number").first()
    assert day
    assert version
    rows = CalendarDay.objects.filter(pk=day.pk)
    _refused(lambda: rows.update(name="Khác"), "Dòng lịch đã ban hành")
    _refused(lambda: rows.delete(), "Dòng lịch đã ban hành")
    _refused(lambda: CalendarVersion.objects.filter(pk=version.pk).update(note="Khác"), "Phiên bản lịch")
    rows.update(removed_in=version)
    _refused(lambda: rows.update(removed_in=None), "Dòng lịch đã ban hành")
