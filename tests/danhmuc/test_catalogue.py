"""The reference data as loaded: how much of it there is, that both eras hang together, that every form holds."""

from collections import Counter
from datetime import date

import pytest
from django.core.management import call_command
from django.db.models import Count, Q

from danhmuc.lists import choices_of
from danhmuc.loading.run import load
from danhmuc.models import (
    Agency,
    AgencySuccession,
    CalendarDay,
    CalendarVersion,
    Desk,
    Field,
    LifeEvent,
    Place,
    PlaceSuccession,
    PostalTariff,
    Procedure,
    ProcedureVersion,
    RuleSet,
    Synonym,
)
from danhmuc.services import procedures
from danhmuc.text import prefix_query

pytestmark = pytest.mark.usefixtures("catalogue")
MERGER = date(2025, 7, 1)


def test_places_of_both_eras() -> None:
    assert Counter(Place.objects.values_list("era", "level")) == {
        ("2", "province"): 34,
        ("2", "commune"): 3321,
        ("3", "province"): 63,
        ("3", "district"): 696,
        ("3", "commune"): 10035,
    }


def test_one_code_may_be_two_places() -> None:
    names = dict(Place.objects.filter(level="province", code="82").values_list("era", "name"))
    assert "Tiền Giang" in names["3"]
    assert "Đồng Tháp" in names["2"]
    assert Place.objects.get(era="3", level="province", code="25").id_prefix == "025"


def test_every_old_commune_has_one_default_new_place() -> None:
    assert PlaceSuccession.objects.count() == 10601
    assert PlaceSuccession.objects.filter(is_default=True).count() == 10035


def test_counts_of_the_rest() -> None:
    assert Procedure.objects.filter(is_current=True).count() == 5664
    assert ProcedureVersion.objects.filter(status="published", number=1).count() == 149
    assert Field.objects.count() == 297
    assert Synonym.objects.count() == 1373
    assert LifeEvent.objects.count() == 16
    assert PostalTariff.objects.count() == 33
    assert CalendarDay.objects.filter(removed_in=None).count() == 191
    assert Counter(RuleSet.objects.values_list("kind", flat=True)) == {"rules": 4, "forms": 2, "reports": 2}


def test_a_second_load_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    done = load()
    assert {name for name, counts in done.items() if counts.any_change} == set()
    call_command("load_catalogue", "--only", "rules", "tariffs")
    assert "không có gì thay đổi" in capsys.readouterr().out


def test_the_tree_holds() -> None:
    rows = {a.pk: a for a in Agency.objects.all()}
    assert len(rows) == 1167 + 178 + 2 * 207
    for agency in rows.values():
        above = rows[agency.parent_id].path if agency.parent_id else "/"
        assert agency.path == f"{above}{agency.pk}/"
    assert not Agency.objects.filter(level="district").exclude(valid_to=date(2025, 6, 30)).exists()


def test_everything_that_ended_has_one_heir_that_lives_on() -> None:
    defaults = Counter(AgencySuccession.objects.filter(is_default=True).values_list("old_id", flat=True))
    ended = set(Agency.objects.exclude(valid_to=None).exclude(parent=None).values_list("pk", flat=True))
    assert set(defaults) == ended
    assert set(defaults.values()) == {1}
    late = AgencySuccession.objects.filter(new__valid_to__lt=date(2025, 6, 30)).exclude(old__valid_to=None)
    assert not late.exists()


def test_departments_that_merged() -> None:
    heirs = dict(AgencySuccession.objects.filter(is_default=True).values_list("old__key", "new__key"))
    merged = {
        "SO_GTVT": "SO_XD",
        "SO_KHDT": "SO_TC",
        "SO_LDTBXH": "SO_NV",
        "SO_NNPTNT": "SO_NNMT",
        "SO_TNMT": "SO_NNMT",
        "SO_TTTT": "SO_KHCN",
        "BAN_DT": "SO_DTTG",
        "SO_NGV": "VP_UBND",
        "TT_CNTT": "SO_KHCN",
    }
    assert {old: heirs[old] for old in merged} == merged


def test_a_district_hands_over_to_its_communes() -> None:
    heirs = AgencySuccession.objects.filter(old__key="UBND_H_227").select_related("new")
    assert all(h.new.resolver_key == "UBND_XA" and h.from_date == MERGER for h in heirs)
    desk = AgencySuccession.objects.get(old__key="UBND_H_227_BPMC", is_default=True).new
    assert desk.key == f"{heirs.get(is_default=True).new.key}_TTPVHCC"


def test_every_committee_of_both_eras_has_a_desk() -> None:
    committees = Agency.objects.filter(resolver_key__in=["UBND_XA", "UBND_HUYEN"])
    assert Counter(committees.values_list("resolver_key", "valid_to")) == {
        ("UBND_XA", None): 148,
        ("UBND_XA", date(2025, 6, 30)): 207,
        ("UBND_HUYEN", date(2025, 6, 30)): 13,
    }
    assert not committees.filter(desks=None).exists()
    centre = Desk.objects.get(agency__key="TTPVHCC")
    assert centre.branches.count() == 3
    assert centre.serves.key == "VP_UBND"


def test_search_finds_by_folded_words_and_code() -> None:
    for typed, code in [
        ("khai sinh", "1.001193"),
        ("ĐĂNG KÝ Khai Sinh", "1.001193"),
        ("2.000815", "2.000815"),
        ("ket hon", "1.000894"),
    ]:
        assert code in _found(typed), typed


def _found(typed: str) -> set[str]:
    procedures_found = Procedure.objects.extra(
        where=["search @@ to_tsquery('simple', %s)"], params=[prefix_query(typed)]
    )
    return set(procedures_found.values_list("code", flat=True))


def test_everyday_words_lead_to_procedures() -> None:
    for synonym in Synonym.objects.filter(target_kind="procedure")[:40]:
        assert synonym.target in _found(synonym.phrase), synonym


def test_every_version_is_complete_and_its_form_holds() -> None:
    versions = ProcedureVersion.objects.prefetch_related("components", "route", "charge_rules")
    for version in versions:
        fields = {f.attname: getattr(version, f.attname) for f in version._meta.concrete_fields}
        assert procedures.missing_parts(fields, bool(version.components.all())) == [], version
        assert procedures.longest_path(version.route.all()) == 100
        form_fields = [f for s in version.eform["sections"] for f in s["fields"]]
        keys = [f["key"] for f in form_fields]
        assert len(keys) == len(set(keys)), version
        assert "$ref" not in {k for f in form_fields for k in f}, version
        assert version.eform["declaration"]
        for owner in [*form_fields, *version.eform["sections"]]:
            assert not owner.get("show_if") or owner["show_if"]["field"] in keys, version
        for field in form_fields:
            if field["type"] in {"choice", "multichoice", "ethnicity", "nationality", "country", "relation"}:
                assert len(choices_of(field)) > 1, (version, field["key"])
    assert versions.filter(eform__own=True).count() == 100


def test_every_procedure_can_be_applied_for_unless_the_counter_is_needed() -> None:
    at_counter = ProcedureVersion.objects.filter(online_level__lt=3)
    assert all(v.presence_required and v.partial_reason and not v.postal_return_allowed for v in at_counter)
    assert at_counter.count() == 8
    assert not ProcedureVersion.objects.filter(online_level=3, partial_reason="").exists()
    assert not ProcedureVersion.objects.filter(online_level=4).exclude(paper_check_mode="none").exists()


def test_no_paper_stops_a_submission_that_may_not_need_it() -> None:
    versions = ProcedureVersion.objects.annotate(
        needed=Count("components", filter=Q(components__required=True)),
        forms=Count("components", filter=Q(components__is_eform=True)),
    )
    assert max(v.needed for v in versions) <= 8
    assert min(v.forms for v in versions) >= 1
    birth = ProcedureVersion.objects.get(procedure__code="1.001193")
    assert [c.name[:14] for c in birth.components.filter(required=True)] == ["Giấy chứng sinh"[:14]]
    for version in versions:
        required = [c.name for c in version.components.all() if c.required]
        assert len(required) == len(set(required)), version
    identity = birth.components.filter(kind="present")
    assert identity.exists()
    assert all(c.from_database and not c.required for c in identity)
    assert (
        not ProcedureVersion.objects.filter(components__is_eform=True, components__required=True)
        .exclude(components__is_eform=False)
        .exists()
    )


def test_fees_follow_the_circulars_and_doubt_is_marked() -> None:
    copies = ProcedureVersion.objects.get(procedure__code="2.000635")
    (rule,) = copies.charge_rules.all()
    assert (rule.amount, rule.per, rule.suspect) == (8000, "bản sao", False)
    assert copies.fee_timing == "before_intake"
    doubtful = ProcedureVersion.objects.get(procedure__code="2.001610").charge_rules.get(channel="online")
    assert (doubtful.amount, doubtful.suspect) == (100_000, True)
    choices = ProcedureVersion.objects.get(procedure__code="1.013855").charge_rules.all()
    assert {r.amount for r in choices} == {250_000, 350_000, 500_000, 1_250_000}
    assert all(r.case for r in choices)
    assert not ProcedureVersion.objects.filter(fee_timing="none", charge_rules__isnull=False).exists()


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("1.001612", "Giấy chứng nhận đăng ký hộ kinh doanh"),
        ("2.001199", "Giấy chứng nhận đăng ký doanh nghiệp Công ty TNHH hai thành viên trở lên"),
        ("1.010727", "- Giấy phép môi trường"),
    ],
)
def test_the_result_is_what_was_asked_for_and_no_refusal(code: str, result: str) -> None:
    assert ProcedureVersion.objects.get(procedure__code=code, status="published").result_name == result


def test_inter_agency_routes_name_their_partner() -> None:
    step = ProcedureVersion.objects.get(procedure__code="1.115733").route.get(at="agency")
    assert (step.agency and step.agency.key, step.kind, step.share) == ("THUE_TINH", "partner", 15)


def test_calendar_versions_tell_when_each_swap_was_known() -> None:
    versions = list(CalendarVersion.objects.filter(calendar__key="VN").order_by("number"))
    assert [f"{v.published_at:%Y-%m-%d}" for v in versions] == [
        "2018-01-01",
        "2025-12-25",
        "2026-07-01",
        "2026-08-21",
    ]
