"""Finding a procedure the way people ask, over the whole catalogue."""

import pytest

from danhmuc.models import Procedure
from tests.page import Page, Visitor

pytestmark = pytest.mark.usefixtures("catalogue")


def codes(page: Page) -> list[str]:
    return [
        link.split("/")[2] for link in page.links if link.startswith("/thu-tuc/") and link.count("/") == 3
    ]


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("đăng ký khai sinh", "1.001193"),
        ("dang ky khai sinh", "1.001193"),
        ("ĐĂNG KÝ KHAI SINH", "1.001193"),
        ("làm giấy khai sinh cho con thì nộp ở đâu ạ", "1.001193"),
        ("1.001193", "1.001193"),
        ("đăng ký kết hôn", "1.000894"),
        ("khai tử", "1.000656"),
        ("thành lập hộ kinh doanh", "1.001612"),
    ],
)
def test_what_people_ask_for_stands_among_the_first(visit: Visitor, question: str, code: str) -> None:
    page = visit(f"/thu-tuc/?q={question}")
    assert code in codes(page)[:3]


def test_the_whole_catalogue_is_browsed_twenty_a_page(visit: Visitor) -> None:
    first = visit("/thu-tuc/")
    assert "5.664 thủ tục" in first.text
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


def test_nothing_found_shows_a_way_on(visit: Visitor) -> None:
    page = visit("/thu-tuc/?q=xyzzyq+qwrtp")
    assert "Không tìm thấy thủ tục phù hợp" in page.text
    assert "1022" in page.text


@pytest.mark.parametrize("question", ["'", "a & b | !", "%00", "(", ":*", "đ" * 300, "<script>", "\\"])
def test_odd_questions_do_no_harm(visit: Visitor, question: str) -> None:
    from urllib.parse import quote

    visit(f"/thu-tuc/?q={quote(question)}")


def test_everyday_words_bring_their_note(visit: Visitor) -> None:
    page = visit("/thu-tuc/?q=bán+lẻ+rượu")
    assert "không thấy thủ tục bán lẻ rượu" in page.text


def test_a_list_page_costs_the_same_whatever_it_finds(visit: Visitor) -> None:
    few = visit("/thu-tuc/?q=2.000635")
    many = visit("/thu-tuc/?q=đăng+ký")
    assert len(codes(many)) == 20
    assert abs(len(many.queries) - len(few.queries)) <= 2


def test_every_complete_procedure_has_its_page(visit: Visitor) -> None:
    found = list(
        Procedure.objects.filter(current__isnull=False).order_by("code").values_list("code", flat=True)
    )
    assert len(found) == 149
    client = visit.client()
    for number, code in enumerate(found):
        # The strict reading is slow; every tenth page stands for its neighbours.
        html = visit(f"/thu-tuc/{code}/", budget=12).html if number % 10 == 0 else None
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
