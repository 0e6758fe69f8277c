"""The checks of every page can fail, and the browser fixtures show what a person would see."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.page import Visitor, read_page

GOOD = """<!doctype html><html lang="vi"><head><title>Hồ sơ – Dịch vụ công</title></head><body><main>
<h1>Hồ sơ</h1><form><label for="ten">Tên</label><input id="ten" name="ten"><button>Gửi</button></form>
<p style="--p: 40%">Còn 5 giờ</p></main></body></html>"""


def test_a_good_page_is_read() -> None:
    page = read_page(GOOD)
    assert page.h1 == "Hồ sơ"
    assert page.text == "Hồ sơ Tên Gửi Còn 5 giờ"
    assert page.button("Gửi").tag == "button"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('lang="vi"', "", "lang"),
        ("<h1>Hồ sơ</h1>", "<h1>Hồ sơ</h1><h1>Nữa</h1>", "2 thẻ <h1>"),
        ("<h1>Hồ sơ</h1>", "<h1>Thanh toán</h1>", "không nhắc lại"),
        ("<p style", '<p id="ten" style', "lặp 2 lần"),
        ('for="ten"', 'for="khac"', "không trỏ tới đâu"),
        ('<label for="ten">Tên</label>', "", "không có nhãn"),
        ("<button>Gửi</button>", "<button></button>", "không có chữ"),
        ("--p: 40%", "width: 40%", "ngoài thuộc tính tùy biến"),
        ("</main>", "<script>1</script></main>", "<script> viết thẳng"),
        ("<p style", '<p onclick="x()" style', "onclick"),
        ("Còn 5 giờ", "{{ due }}", "thẻ của mẫu trang"),
        ("Còn 5 giờ", "None", "“None”"),
        ("</form>", "", "HTML sai"),
        ("<p style", "<p><div></p><p style", "HTML sai"),
        ("<button>", '<img src="x.png"><button>', "thiếu alt"),
        ("Gửi</button>", "Gửi</button><a href='#'></a>", "<a> không có chữ"),
    ],
)
def test_a_flaw_is_named(old: str, new: str, complaint: str) -> None:
    assert old in GOOD
    with pytest.raises(AssertionError, match=complaint.replace("(", r"\(")):
        read_page(GOOD.replace(old, new, 1))


def test_too_many_queries_are_a_flaw(visit: Visitor) -> None:
    with pytest.raises(AssertionError, match="truy vấn"):
        visit("/suc-khoe/", budget=0)


@pytest.mark.parametrize(
    ("header", "cookie", "language"),
    [("en-US,en;q=0.9", "", "vi"), ("vi", "en", "en"), ("", "fr", "vi")],
    ids=["english-browser", "chosen-english", "unknown-choice"],
)
def test_language_is_vietnamese_unless_chosen(db: None, header: str, cookie: str, language: str) -> None:
    client = Client(headers={"accept-language": header})
    client.cookies["django_language"] = cookie
    assert client.get("/suc-khoe/").headers["Content-Language"] == language


@pytest.mark.browser
def test_sign_in_page_in_a_browser(
    page: Any, axe: Callable[[Any], None], shoot: Callable[[Any, str], None]
) -> None:
    page.goto("/dang-nhap/")
    axe(page)
    shoot(page, "dang-nhap")


def test_the_clock_stands_where_it_is_put(at: Callable[[str], Any]) -> None:
    for moment in ("2026-10-05 09:00", "2027-02-28 23:59"):
        then = at(moment)
        assert timezone.now() == then
        assert f"{timezone.localtime():%Y-%m-%d %H:%M}" == moment
