"""Finding a procedure the way people ask, over the whole catalogue."""

import json
import unicodedata
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.formats import dong
from danhmuc.models import Procedure
from danhmuc.text import fold
from portal.services import search
from tests.page import Page, Visitor, text_of
from tests.portal.questions import ELSEWHERE, QUESTIONS

pytestmark = pytest.mark.usefixtures("catalogue")


def codes(page: Page) -> list[str]:
    return [
        link.split("/")[2] for link in page.links if link.startswith("/thu-tuc/") and link.count("/") == 3
    ]


@pytest.mark.parametrize(("question", "code", "place"), QUESTIONS)
def test_what_people_ask_for_stands_among_the_first(question: str, code: str, place: int) -> None:
    found = [row.code for row in search.find(question).procedures[:place]]
    assert code in found


@pytest.mark.parametrize(("question", "where"), ELSEWHERE)
def test_what_others_decide_is_said_plainly(visit: Visitor, question: str, where: str) -> None:
    page = visit(f"/thu-tuc/?q={question}")
    assert where in " ".join(text_of(note) for note in page.all("//div[contains(@class, 'dv-note')]"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([question for question, _, _ in QUESTIONS]),
    st.sampled_from(["NFD", "NFC", "plain", "upper"]),
)
def test_marks_and_the_way_they_are_stored_change_nothing(catalogue: None, question: str, form: str) -> None:
    written = {
        "NFD": unicodedata.normalize("NFD", question),
        "NFC": unicodedata.normalize("NFC", question),
        "plain": fold(question),
        "upper": f"  {question.upper()}!? ",
    }[form]
    assert ranking(written) == ranking(question)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=400))
def test_any_text_is_answered(catalogue: None, text: str) -> None:
    found = search.find(text)
    assert all(row.score >= 0 for row in found.procedures[:20])


def ranking(question: str) -> list[str]:
    return [row.code for row in search.find(question).procedures[:20]]


def test_each_result_answers_the_question_better_than_the_next() -> None:
    scores = [row.score for row in search.find("giấy phép xây dựng nhà ở").procedures[:30]]
    assert scores == sorted(scores, reverse=True)


def test_a_misspelt_word_is_put_right_and_said(visit: Visitor) -> None:
    page = visit("/thu-tuc/?q=đăng+ký+khai+sih")
    assert "Kết quả cho đăng ký khai sinh" in page.text
    page = visit("/thu-tuc/?q=đăng+ký+khai+sinh")
    assert "Kết quả cho" not in page.text
    page = visit("/thu-tuc/?q=xửa+nhà")
    assert "Có phải ông/bà muốn tìm: sửa nhà" in page.text


def test_procedures_of_other_provinces_and_between_agencies_are_not_offered(visit: Visitor) -> None:
    other = Procedure.objects.exclude(other_province="").filter(current__isnull=False).order_by("code")[0]
    internal = Procedure.objects.filter(is_internal=True)[0]
    for procedure in (other, internal):
        assert procedure.code not in ranking(procedure.name)
    page = visit(f"/thu-tuc/{other.code}/")
    assert f"Thủ tục này do {other.other_province} ban hành" in page.text
    assert not [link for link in page.links if link.startswith("/nop-ho-so/")]


def test_the_command_prints_codes_and_scores() -> None:
    out = StringIO()
    call_command("search", "vợ tôi mới sinh em bé", "--json", "--limit", "3", stdout=out)
    answer = json.loads(out.getvalue())
    assert list(answer) == [
        "question", "corrected", "suggested", "notes", "elsewhere", "life_events", "results",
    ]  # fmt: skip
    assert answer["life_events"] == ["sinh_con"]
    assert [set(row) for row in answer["results"]] == [{"code", "score", "name"}] * 3
    assert answer["results"][0]["code"] == "2.000986"
    out = StringIO()
    call_command("search", "ly hôn", stdout=out)
    assert "Tòa án" in out.getvalue()


def test_the_whole_catalogue_is_browsed_twenty_a_page(visit: Visitor) -> None:
    first = visit("/thu-tuc/")
    assert f"{dong(Procedure.objects.for_people().count())} thủ tục" in first.text
    assert len(codes(first)) == 20
    second = visit("/thu-tuc/?page=2")
    assert not set(codes(first)) & set(codes(second))
    assert codes(visit("/thu-tuc/?page=99999"))


def test_filters_narrow_and_stay_in_the_pager(visit: Visitor) -> None:
    page = visit("/thu-tuc/?online=4&post=return")
    assert Procedure.objects.filter(code__in=codes(page), current__online_level=4).count() == len(codes(page))
    assert all("online=4" in link for link in page.links if "page=2" in link)
    assert "Tìm lại" in visit("/thu-tuc/?q=khai+sinh&level=bo&online=2&post=pickup").text
    assert codes(visit("/thu-tuc/?online=khong-co&level=%00x&field=zz")), "điều kiện lạ thì bỏ qua"


def test_ways_that_none_has_are_not_counted(visit: Visitor) -> None:
    assert " 0 " not in visit("/thu-tuc/?q=vo+toi+moi+sinh+em+be").text


def test_nothing_found_shows_a_way_on(visit: Visitor) -> None:
    page = visit("/thu-tuc/?q=xyzzyq+qwrtp")
    assert "Không tìm thấy thủ tục phù hợp" in page.text
    assert "tel:1022" in page.links
    assert [link for link in page.links if link.startswith("?field=")], "lĩnh vực gần nhất"
    assert codes(page), "thủ tục nhiều người nộp"
    assert "/viec/" in page.links


def test_filters_by_subject_narrow(visit: Visitor) -> None:
    everyone = search.find("giấy phép").procedures.count()
    for subject in search.SUBJECTS:
        assert 0 < search.find("giấy phép", {"subject": subject}).procedures.count() < everyone
    page = visit("/thu-tuc/?q=giấy+phép&subject=nguoi-nuoc-ngoai")
    assert page.one("//option[@value='nguoi-nuoc-ngoai'][@selected]") is not None
    assert codes(visit("/thu-tuc/?q=khai+sinh&subject=ma-la")), "điều kiện lạ thì bỏ qua"


def test_the_part_that_changes_is_given_alone(visit: Visitor) -> None:
    answer = visit.client().get("/thu-tuc/?q=khai+sinh", headers={"X-Part": "ket-qua"})
    assert "<html" not in answer.content.decode()
    assert "/thu-tuc/1.001193/" in answer.content.decode()
    assert "X-Part" in answer["Vary"]


@pytest.mark.parametrize("question", ["'", "a & b | !", "%00", "(", ":*", "đ" * 300, "<script>", "\\"])
def test_odd_questions_do_no_harm(visit: Visitor, question: str) -> None:
    from urllib.parse import quote

    visit(f"/thu-tuc/?q={quote(question)}")


def test_a_list_page_costs_the_same_whatever_it_finds(visit: Visitor) -> None:
    few = visit("/thu-tuc/?q=2.000635")
    many = visit("/thu-tuc/?q=đăng+ký")
    assert len(codes(many)) == 20
    assert abs(len(many.queries) - len(few.queries)) <= 2
    assert len(many.queries) <= 14


def test_every_complete_procedure_has_its_page(visit: Visitor) -> None:
    found = list(
        Procedure.objects.filter(current__isnull=False).order_by("code").values_list("code", flat=True)
    )
    assert len(found) == 149
    client = visit.client()
    for number, code in enumerate(found):
        # The strict reading is slow; every tenth page stands for its neighbours.
        html = visit(f"/thu-tuc/{code}/", budget=14).html if number % 10 == 0 else None
        html = html or client.get(f"/thu-tuc/{code}/").content.decode()
        for part in ("Trình tự", "Cách thức", "Thành phần", "Thời hạn", "Đối tượng", "Căn cứ pháp lý"):
            assert part in html, (code, part)


def test_a_procedure_of_the_index_says_where_to_apply(visit: Visitor) -> None:
    code = Procedure.objects.filter(current=None).order_by("code").values_list("code", flat=True)[0]
    page = visit(f"/thu-tuc/{code}/")
    assert "https://dichvucong.gov.vn" in page.links


def test_home_leads_everywhere(visit: Visitor) -> None:
    page = visit("/")
    assert page.one("//form[@role='search']").get("action") == "/thu-tuc/"
    assert len(page.all("//a[contains(@class, 'dv-tile')]")) == 8
    for link in [link for link in page.links if link.startswith(("/thu-tuc/", "/viec/"))]:
        visit(link)


def test_an_unknown_code_is_not_found(visit: Visitor) -> None:
    visit("/thu-tuc/9.999999/", status=404)
    visit("/viec/khong-co/", status=404)
