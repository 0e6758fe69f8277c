"""Services of master data: calendars as they were known, who resolves, who took over, staff, prices."""

import json
from datetime import date, datetime, time, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from danhmuc import worktime
from danhmuc.models import (
    Agency,
    AgencySuccession,
    Calendar,
    PostalTariff,
    ProcedureVersion,
    RouteStep,
    RuleSet,
    User,
)
from danhmuc.roles import Role
from danhmuc.services import agencies, calendars, procedures, rules, staff, tariffs
from danhmuc.worktime import TimeLimit
from hoso.clock import Rules

pytestmark = pytest.mark.usefixtures("catalogue")
NOW = date(2026, 11, 23)


def _agency(key: str) -> Agency:
    return Agency.objects.get(key=key)


def _version(code: str) -> ProcedureVersion:
    return ProcedureVersion.objects.get(procedure__code=code)


def _due(at: str, limit: str, known: date) -> str:
    start = timezone.make_aware(datetime.fromisoformat(at))
    found = worktime.add(calendars.calendar_for(None, known), start, TimeLimit.parse(limit))
    return f"{timezone.localtime(found.due):%d/%m/%Y}"


def test_dates_are_counted_with_the_calendar_as_it_was_known() -> None:
    # E15: the swap of 02/01/2026 was announced on 25/12/2025; E17: 22/8/2026 became a worked Saturday after 20/8.
    assert _due("2025-12-23T09:00", "7 working_day", date(2025, 12, 23)) == "02/01/2026"
    assert _due("2025-12-23T09:00", "7 working_day", date(2025, 12, 25)) == "05/01/2026"
    assert _due("2026-08-20T09:00", "5 working_day", date(2026, 8, 20)) == "27/08/2026"
    assert _due("2026-08-20T09:00", "5 working_day", date(2026, 8, 22)) == "26/08/2026"


def test_the_nearest_calendar_wins_and_carries_national_changes() -> None:
    national = Calendar.objects.get(key="VN")
    own = Calendar.objects.create(key="SO_TP", name="Lịch Sở Tư pháp", agency=_agency("SO_TP"), base=national)
    calendars.publish_calendar_change(
        own,
        add=[calendars.Day(date(2026, 12, 1), "holiday", "Ngày truyền thống")],
        sessions=[(weekday, time(8), time(12), True) for weekday in range(5)]
        + [(5, time(8), time(11), False)],
    )
    division = _agency("SO_TP_P03")
    calendar = calendars.calendar_for(division)
    assert calendar.name == "Lịch Sở Tư pháp"
    assert not calendar.is_working_day(date(2026, 12, 1))
    assert not calendar.is_working_day(date(2026, 12, 5))  # Saturday reception runs no clock
    assert not calendar.is_working_day(date(2026, 11, 24))  # from the national calendar
    assert calendars.calendar_for(_agency("SO_XD")).name == "Lịch làm việc chung"
    calendars.publish_calendar_change(
        national,
        add=[calendars.Day(date(2026, 12, 2), "swap_off", "Nghỉ hoán đổi")],
        remove=[date(2026, 11, 24)],
    )
    later = calendars.calendar_for(division)
    assert later.version != calendar.version
    assert not later.is_working_day(date(2026, 12, 2))
    assert later.is_working_day(date(2026, 11, 24))
    assert calendars.calendar_version(calendar.version) == calendar
    with pytest.raises(ValueError, match="Không có thay đổi"):
        calendars.publish_calendar_change(own)
    with pytest.raises(calendars.NoCalendar, match="Không có phiên bản lịch số 0"):
        calendars.calendar_version("0")


def test_saturday_reception_counts_only_by_setting(settings: object) -> None:
    own = Calendar.objects.create(
        key="SO_YT", name="Lịch Sở Y tế", agency=_agency("SO_YT"), base=Calendar.objects.get(key="VN")
    )
    calendars.publish_calendar_change(
        own, sessions=[(0, time(8), time(12), True), (5, time(8), time(11), False)]
    )
    saturday = date(2026, 12, 5)
    assert not calendars.calendar_for(_agency("SO_YT")).is_working_day(saturday)
    settings.SATURDAY_RECEPTION_COUNTS = True  # type: ignore[attr-defined]
    assert calendars.calendar_for(_agency("SO_YT")).is_working_day(saturday)


@pytest.mark.parametrize(
    ("on", "key", "starts"),
    [
        (date(2020, 10, 15), "RS-61", "SUBMISSION"),
        (date(2021, 12, 6), "RS-61-107", "SUBMISSION"),
        (date(2025, 6, 30), "RS-61-107", "SUBMISSION"),
        (date(2025, 7, 1), "RS-118", "RECEIPT"),
        (date(2026, 8, 5), "RS-118-309", "RECEIPT"),
    ],
)
def test_rules_of_a_day_are_read_by_the_clock(on: date, key: str, starts: str) -> None:
    found, values = rules.rules_on(on)
    assert found.key == key
    assert Rules.from_mapping(values).intake_starts_at == starts
    code = found.values["dossier_code_template"].format(agency="H44.20", date=date(2026, 10, 8), serial=975)
    assert code == "H44.20-261008-0975"


def test_forms_and_reports_of_a_day() -> None:
    assert rules.form_set_on(date(2025, 9, 14)).key == "FORM-2018"
    assert rules.form_set_on(date(2025, 9, 15)).key == "FORM-2025"
    assert rules.report_set_on(date(2026, 7, 31)).key == "REP-2020"
    assert rules.report_set_on(timezone.make_aware(datetime.fromisoformat("2026-08-01"))).key == "REP-2026"
    with pytest.raises(rules.NoRules, match="Không có quy tắc giải quyết nào áp dụng cho ngày 01/01/2018"):
        rules.rules_on(date(2018, 1, 1))
    assert RuleSet.objects.in_force("forms", NOW).values["stop_notice"] == "05"


def test_two_rule_sets_cannot_be_in_force_on_one_day() -> None:
    from django.db import IntegrityError

    with pytest.raises(IntegrityError, match="one_rules_set_a_day"):
        RuleSet.objects.create(kind="rules", key="RS-X", name="x", legal_basis="x", valid_from=NOW)


@pytest.mark.parametrize(
    ("code", "on", "count", "level"),
    [
        ("1.001193", NOW, 148, "commune"),
        ("1.001193", date(2024, 5, 6), 207, "commune"),
        ("3.000333", NOW, 1, "central_vertical"),
        ("1.004222", NOW, 148, "central_vertical"),
        ("2.000908", NOW, 149, None),
        ("1.005090", NOW, 1, "province"),
    ],
)
def test_who_may_resolve(code: str, on: date, count: int, level: str | None) -> None:
    found = agencies.resolvers_for(_version(code), on)
    assert found.count() == count
    if level:
        assert {a.level for a in found} == {level}


def test_every_procedure_has_a_resolver_now_and_then() -> None:
    for version in ProcedureVersion.objects.select_related("procedure"):
        for day in (NOW, date(2025, 4, 1), date(2024, 5, 6)):
            assert agencies.resolvers_for(version, day).exists(), (
                version.procedure.code,
                day,
                version.agency_roles,
            )


def test_district_work_of_the_three_level_era() -> None:
    version = next(
        v
        for v in ProcedureVersion.objects.all()
        if v.source["level_before_2025_07"] == "huyen" and v.agency_roles == ["UBND_XA"]
    )
    assert {a.level for a in agencies.resolvers_for(version, date(2024, 5, 6))} == {"district"}
    assert {a.level for a in agencies.resolvers_for(version, NOW)} == {"commune"}


def test_the_resolver_of_a_place() -> None:
    commune = _agency("UBND_X_04792")
    assert commune.place_id
    assert agencies.resolver_at(_version("1.001193"), commune.place_id, NOW) == commune
    police = agencies.resolver_at(_version("1.004222"), commune.place_id, NOW)
    assert police
    assert police.key == "CA_X_04792"
    department = agencies.resolver_at(_version("2.001583"), commune.place_id, NOW)
    assert department
    assert department.key == "SO_TC"


@pytest.mark.parametrize(
    ("agency", "on", "desk"),
    [
        ("UBND_X_04792", NOW, "UBND_X_04792_TTPVHCC"),
        ("UBND_X_04792_P02", NOW, "UBND_X_04792_TTPVHCC"),
        ("CA_X_04792", NOW, "UBND_X_04792_TTPVHCC"),
        ("SO_TP", NOW, "TTPVHCC"),
        ("SO_TP_P03", NOW, "TTPVHCC"),
        ("CA_TINH", NOW, "TTPVHCC"),
        ("UBND_TINH", NOW, "TTPVHCC"),
        ("UBND_H_227", date(2024, 5, 6), "UBND_H_227_BPMC"),
        ("UBND_H_227_P04", date(2024, 5, 6), "UBND_H_227_BPMC"),
    ],
)
def test_desk_of_an_agency(agency: str, on: date, desk: str) -> None:
    found = agencies.desk_for(_agency(agency), on)
    assert found
    assert found.agency.key == desk


def test_successors_and_predecessors() -> None:
    old = _agency("SO_GTVT")
    assert agencies.successor_of(old, date(2025, 2, 28)) == old
    assert agencies.successor_of(old, NOW).key == "SO_XD"
    assert agencies.successor_of(_agency("UBND_H_227_P04"), NOW).resolver_key == "UBND_XA"
    department = _agency("SO_XD")
    assert old.pk in AgencySuccession.objects.predecessors_of({department.pk})[department.pk]
    heir = agencies.successor_of(_agency("UBND_H_227"), NOW)
    inherited = AgencySuccession.objects.predecessors_of({heir.pk, department.pk})[heir.pk]
    assert {_agency("UBND_H_227").pk, _agency("UBND_H_227_P04").pk} <= inherited


def test_publishing_names_what_is_missing() -> None:
    draft = procedures.draft_from(_version("1.001193"))
    draft.components.all().delete()
    RouteStep.objects.filter(version=draft, order=3).update(share=90)
    ProcedureVersion.objects.filter(pk=draft.pk).update(subjects=[], steps_text="")
    with pytest.raises(procedures.NotPublishable) as refused:
        procedures.publish_version(draft)
    assert refused.value.missing == [
        "b) trình tự thực hiện",
        "d) thành phần, số lượng hồ sơ",
        "e) đối tượng thực hiện",
        "quy trình điện tử cộng theo nhánh dài nhất là 135 %, tối đa 100 %",
    ]
    draft.refresh_from_db()
    assert draft.status == "draft"
    with pytest.raises(ValueError, match="không còn là bản đang soạn"):
        procedures.publish_version(_version("2.000635"))


def test_a_version_is_published_on_its_first_day_not_before() -> None:
    draft = procedures.draft_from(_version("1.001193"))
    ProcedureVersion.objects.filter(pk=draft.pk).update(valid_from=timezone.localdate() + timedelta(days=1))
    with pytest.raises(procedures.NotPublishable, match="chưa đến"):
        procedures.publish_version(draft)
    ProcedureVersion.objects.filter(pk=draft.pk).update(valid_from=date(2021, 1, 10))
    with pytest.raises(procedures.NotPublishable, match="phải sau ngày áp dụng của bản 1"):
        procedures.publish_version(draft)
    first = _version("2.000635")
    second = procedures.publish_version(procedures.draft_from(first))
    assert procedures.version_on(first.procedure, date(2024, 5, 6)) == first
    assert procedures.version_on(first.procedure, timezone.localdate()) == second
    assert procedures.version_on(first.procedure, date(2020, 5, 6)) is None


def test_parallel_steps_count_once() -> None:
    steps = [
        RouteStep(order=1, share=10),
        RouteStep(order=2, share=60),
        RouteStep(order=2, share=40),
        RouteStep(order=3, share=30),
    ]
    assert procedures.longest_path(steps) == 100


def test_usernames_are_never_given_twice() -> None:
    office = _agency("SO_TP")
    first, password = staff.create_staff("Nguyễn Văn An", office, Role.CASE_OFFICER)
    assert first.username == "nguyenvanan.sotuphap"
    assert first.must_change_password
    assert first.check_password(password)
    second, _ = staff.create_staff("Nguyễn Văn Ân", office, Role.APPROVER)
    assert second.username == "nguyenvanan2.sotuphap"
    assert staff.username_for("Đỗ Thị Ước", office) == "dothiuoc.sotuphap"
    commune = staff.username_for("Hà Văn Ba", _agency("UBND_X_04792"))
    assert commune == "havanba.ubndphuongtanhoa"


def test_moving_makes_a_new_account_and_locks_the_old() -> None:
    user, _ = staff.create_staff(
        "Trần Thị Bé", _agency("SO_TP"), Role.CASE_OFFICER, valid_from=date(2024, 1, 1)
    )
    moved, password = staff.move_staff(
        user, _agency("SO_XD"), Role.DIVISION_HEAD, on=NOW, document_no="12/QĐ-SXD"
    )
    user.refresh_from_db()
    assert not user.is_active
    assert user.positions.get().valid_to == date(2026, 11, 22)
    assert moved.username == "tranthibe.soxaydung"
    assert moved.positions.get().document_no == "12/QĐ-SXD"
    assert moved.check_password(password)
    assert staff.username_for("Trần Thị Bé", _agency("SO_TP")) == "tranthibe2.sotuphap"
    assert User.objects.filter(full_name="Trần Thị Bé").count() == 2


@pytest.mark.parametrize(
    ("service", "scope", "weight", "price"),
    [
        ("nhan_gui_ho_so", "noi_huyen", 80, 26_000),
        ("nhan_gui_ho_so", "noi_huyen", 100, 26_000),
        ("nhan_gui_ho_so", "lien_tinh_lien_vung", 101, 34_000),
        ("chuyen_tra_ket_qua", "lien_huyen", 500, 32_500),
        ("chuyen_tra_ket_qua", "lien_huyen", 501, 32_500 + 2_900),
        ("chuyen_tra_ket_qua", "lien_huyen", 1000, 32_500 + 2_900),
        ("chuyen_tra_ket_qua", "lien_huyen", 1001, 32_500 + 2 * 2_900),
        ("hai_chieu", "lien_huyen", 250, 30_000 + 31_000),
        ("thu_ho", "noi_huyen", 1, 8_000),
    ],
)
def test_postage(service: str, scope: str, weight: int, price: int) -> None:
    assert tariffs.postage(service, scope, weight, NOW) == price


def test_postage_without_a_price_is_refused() -> None:
    with pytest.raises(tariffs.NoTariff, match="Chưa có giá cước"):
        tariffs.postage("nhan_gui_ho_so", "noi_huyen", 80, date(2020, 1, 1))
    with pytest.raises(ValueError, match="từ 1 gam"):
        tariffs.postage("nhan_gui_ho_so", "noi_huyen", 0)
    assert tariffs.remittance_price(NOW) == 8_000
    PostalTariff.objects.filter(service="nhan_gui_ho_so", step__isnull=False).delete()
    with pytest.raises(tariffs.NoTariff, match="không có mức cho 900 gam"):
        tariffs.postage("nhan_gui_ho_so", "noi_huyen", 900, NOW)


def test_due_prints_the_deadline_and_each_day() -> None:
    out = StringIO()
    call_command("due", "--at", "2026-10-05T09:00", "--limit", "5 working_day", stdout=out)
    assert "Hạn: 17:00 thứ Hai, 12/10/2026" in out.getvalue()
    assert "10/10/2026  thứ Bảy" in out.getvalue()
    out = StringIO()
    call_command(
        "due",
        "--at",
        "2020-10-15T09:15",
        "--limit",
        "8 working_hour",
        "--agency",
        "SO_TP",
        "--json",
        stdout=out,
    )
    found = json.loads(out.getvalue())
    assert found["due"] == "2020-10-16T09:15:00+07:00"
    for wrong in (["--at", "mai"], ["--limit", "5 tuần"], ["--agency", "KHONG_CO"]):
        words = {"--at": "2026-10-05T09:00", "--limit": "5 working_day"} | {wrong[0]: wrong[1]}
        with pytest.raises(CommandError, match="Không"):
            call_command("due", *(part for pair in words.items() for part in pair))
