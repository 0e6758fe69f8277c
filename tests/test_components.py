"""Every component, field and frame: valid HTML that a keyboard and a screen reader can use."""

import re
from pathlib import Path
from typing import Any

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Fieldset, Layout, Submit
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.http import Http404
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory, override_settings
from django.urls import reverse
from playwright.sync_api import expect

from config.gallery import FOLDER, Gallery, SampleForm, drawn, examples
from config.icons import ICONS
from tests.page import parse, read_page

TEMPLATES = Path(settings.BASE_DIR) / "templates"
EXAMPLES = [pytest.param(name, taken, id=f"{name}: {title}") for name, title, taken in examples()]


@pytest.mark.parametrize(("name", "taken"), EXAMPLES)
def test_example_is_valid_html(name: str, taken: dict[str, Any]) -> None:
    html = drawn(name, taken)
    read_page(
        f'<!doctype html><html lang="vi"><head><title>Mẫu</title></head><body><main>'
        f"{'' if '<h1' in html else '<h1>Mẫu</h1>'}{html}</main></body></html>".replace(
            "<title>Mẫu</title>", f"<title>Mẫu {taken.get('title', '')}</title>"
        ),
        name,
    )


def test_every_component_has_examples_and_says_what_it_takes() -> None:
    for path in FOLDER.glob("*.html"):
        assert path.with_suffix(".toml").exists(), f"{path.name} chưa có ví dụ"
        assert path.read_text().startswith(("{#", "{% comment %}")), f"{path.name} chưa nói nhận gì"


def test_every_template_compiles_and_no_comment_leaks() -> None:
    for path in TEMPLATES.rglob("*.html"):
        get_template(str(path.relative_to(TEMPLATES)))
        for line in path.read_text().splitlines():
            # Django's {# #} ends with its line; a longer one would be shown to people.
            assert line.count("{#") == line.count("#}"), f"{path}: {line[:80]}"


def test_every_icon_is_drawn_on_the_grid() -> None:
    for name, shape in ICONS.items():
        parse(f'<svg viewBox="0 0 24 24">{shape}</svg>', name, fragment=True)
        assert "stroke" not in shape, f"{name}: nét vẽ do portal.css quyết định"


def test_gallery_shows_everything_to_developers_only() -> None:
    request = RequestFactory().get("/thu-vien/")
    with override_settings(DEBUG=True):
        response = Gallery.as_view()(request)
        response.render()
    html = response.content.decode()
    assert all(f'id="c-{path.stem}"' in html for path in FOLDER.glob("*.html"))
    with override_settings(DEBUG=False), pytest.raises(Http404):
        Gallery.as_view()(request)


@pytest.mark.browser
@pytest.mark.parametrize("dense", ["", "?dense=1"], ids=["public", "office"])
def test_gallery_in_a_browser(page: Any, axe: Any, shoot: Any, settings: Any, dense: str) -> None:
    settings.DEBUG = True
    page.goto(f"{reverse('gallery')}{dense}")
    shoot(page, f"thu-vien-{'mot-cua' if dense else 'nguoi-dan'}")
    for width in (320, 390, 1366):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    axe(page)
    page.set_viewport_size({"width": 390, "height": 844})
    axe(page)


@pytest.mark.browser
@pytest.mark.parametrize("dense", ["", "?dense=1"], ids=["public", "office"])
def test_controls_are_big_enough_for_thumbs(page: Any, settings: Any, dense: str) -> None:
    settings.DEBUG = True
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{reverse('gallery')}{dense}")
    # The side menu and the viewer's tabs stand on dense pages only.
    elsewhere = "" if dense else ", .dv-side a, .dv-tabs a"
    # Links in sentences are exempt; a control inside a label is as big as its label (design guide, section 3).
    small = page.evaluate(
        """elsewhere => [...document.querySelectorAll("main a, main button, main select, main input, main summary, main label")]
          .filter(e => e.offsetParent && !e.closest("p, td, th, .dv-muted, .dv-file__t, .dv-timeline, .dv-kpi, .dv-tasks"))
          .filter(e => !(e.tagName === "LABEL" && !e.querySelector("input")))
          .filter(e => !(e.tagName === "INPUT" && e.closest("label")) && e.type !== "hidden")
          .filter(e => !e.matches(".stretched, .dv-ticket a" + elsewhere))
          .map(e => [e.outerHTML.slice(0, 90), Math.round(e.getBoundingClientRect().height)])
          .filter(([, height]) => height < 44)""",
        elsewhere,
    )
    assert not small, small


@pytest.mark.browser
def test_dialog_opens_by_key_or_click_and_closes_by_its_way_out(page: Any, axe: Any, settings: Any) -> None:
    settings.DEBUG = True
    page.goto(reverse("gallery"))
    dialog = page.locator("#chuyen")
    expect(dialog).to_be_hidden()
    page.keyboard.press("F9")
    expect(dialog).to_be_visible()
    axe(page)
    dialog.get_by_role("button", name="Không trình").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("link", name="Mở hộp thoại").click()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


# ---------- Forms ----------


def crispy(form: Any, helper: FormHelper) -> str:
    source = "{% load crispy_forms_tags %}{% crispy form helper %}"
    return Template(source).render(Context({"form": form, "helper": helper, "csrf_token": "abc"}))


def with_layout() -> FormHelper:
    helper = FormHelper()
    helper.layout = Layout(
        Fieldset("Hộ kinh doanh", "name", "capital", Div("birth", css_class="mt-2")),
        HTML("<p>Ghi đúng như trên căn cước.</p>"),
        "trade",
        "delivery",
        "channels",
        "note",
        "paper",
        "agree",
        "token",
    )
    helper.add_input(Submit("save", "Lưu và tiếp tục"))
    return helper


@pytest.mark.parametrize("data", [None, {}, {"birth_d": "31", "birth_m": "2", "birth_y": "1986"}])
@pytest.mark.parametrize("helper", [FormHelper, with_layout])
def test_crispy_draws_the_same_fields_with_and_without_a_layout(helper: Any, data: Any) -> None:
    html = crispy(SampleForm(data), helper())
    page = read_page(
        f'<!doctype html><html lang="vi"><head><title>Mẫu</title></head><body><main><h1>Mẫu</h1>{html}</main></body></html>'
    )
    names = {str(name).removesuffix("_d") for name in page.tree.xpath("//@name")}
    assert set(SampleForm().fields) <= names
    assert page.one("//form").get("method") == "post"
    assert page.one("//form").get("enctype") == "multipart/form-data"
    assert bool(page.all("//*[@role='alert']")) == (data is not None)


def test_label_hint_error_control_stand_in_that_order_and_are_joined() -> None:
    html = drawn("field", {"field": SampleForm({})["name"]})
    box = parse(html, fragment=True).xpath("./div")[0]
    assert [child.tag for child in box] == ["label", "span", "div", "input"]
    control = box.xpath("./input")[0]
    assert control.get("aria-describedby").split() == [box[1].get("id"), box[2].get("id")]
    assert control.get("aria-invalid") == "true"
    assert box[0].get("for") == control.get("id")


def test_group_of_boxes_has_a_legend_and_each_box_its_hint() -> None:
    html = drawn("field", {"field": SampleForm()["birth"]})
    tree = parse(html, fragment=True)
    assert tree.xpath("string(.//fieldset/legend)").strip() == "Ngày sinh"
    assert [label.text for label in tree.xpath(".//label")] == ["Ngày", "Tháng", "Năm"]
    assert {box.get("aria-describedby") for box in tree.xpath(".//input")} == {"id_birth_helptext"}


def test_choice_shows_its_explanation_price_and_what_is_chosen() -> None:
    tree = parse(drawn("field", {"field": SampleForm()["delivery"]}), fragment=True)
    first = tree.xpath(".//label")[0]
    assert first.xpath("string(.//b)") == "Tại nhà, qua bưu điện"
    assert "26.000" in first.xpath("string(.//*[contains(@class, 'dv-choice__p')])")
    assert [box.get("value") for box in tree.xpath(".//input[@checked]")] == ["POST"]


# ---------- Frames ----------

BASES = ["base.html", "portal/base.html", "hoso/base.html", "buuchinh/base.html", "baocao/base.html"]
MENU = [{"label": "Công việc", "items": [{"label": "Hộp việc", "url": "/", "icon": "inbox", "count": 3}]}]


class Officer:
    is_authenticated = True
    must_change_password = False

    def __str__(self) -> str:
        return "Trần Quốc Khánh"


def frame(base: str, **context: Any) -> str:
    heading = "heading" if base.startswith("buuchinh") else "content"
    words = "Thử" if heading == "heading" else "<h1>Thử</h1>"
    source = f'{{% extends "{base}" %}}{{% block title %}}Thử{{% endblock %}}{{% block {heading} %}}{words}{{% endblock %}}'
    request = RequestFactory().get("/?q=an")
    return Template(source).render(
        Context({"request": request, "user": AnonymousUser(), "csrf_token": "abc", **context})
    )


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(
    "context",
    [{}, {"user": Officer(), "demo_notice": "Môi trường trình diễn", "menu": MENU, "unit": "UBND xã"}],
    ids=["empty", "full"],
)
def test_frame_stands_alone(base: str, context: dict[str, Any]) -> None:
    page = read_page(frame(base, **context), base)
    assert page.one("//a[@class='dv-skip']").get("href") == "#noi-dung"
    assert page.one("//main").get("id") == "noi-dung"
    assert ("Môi trường trình diễn" in page.html) == bool(context)
    if context and base != "base.html":
        form = page.all("//form[contains(@action, 'dang-xuat')]")[0]
        assert form.get("method") == "post"


@pytest.mark.parametrize("base", BASES)
def test_title_says_that_a_form_failed(base: str) -> None:
    assert read_page(frame(base, form=SampleForm({}))).title.startswith("Lỗi: ")
    assert not read_page(frame(base, form=SampleForm())).title.startswith("Lỗi: ")


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_page_for_what_is_wrong_inside_needs_nothing_from_the_context(name: str) -> None:
    read_page(render_to_string(name), name)


@pytest.mark.parametrize("name", ["login", "password_change", "password_change_done"])
@pytest.mark.parametrize("data", [None, {}])
def test_account_page(name: str, data: Any) -> None:
    class Keys(SampleForm):
        field_order = ("name",)

    request = RequestFactory().get("/")
    context = {"form": Keys(data), "user": Officer(), "request": request, "csrf_token": "abc"}
    read_page(get_template(f"danhmuc/{name}.html").template.render(Context(context)), name)


# Names that only mark a place, for tests, scripts or a parent's rule.
UNSTYLED = {"dv-place__box"}


def test_every_class_of_ours_has_a_style() -> None:
    css = "".join(path.read_text() for path in Path(str(finders.find("css"))).glob("*.css"))
    styled = set(re.findall(r"\.(dv-[\w-]+)", css))
    for path in TEMPLATES.rglob("*.html"):
        for value in re.findall(r'class="([^"]*)"', path.read_text()):
            names = set(re.findall(r"\bdv-[\w-]+(?![\w{-])", re.sub(r"{[%{].*?[%}]}", " ", value)))
            assert names <= styled | UNSTYLED, f"{path}: {sorted(names - styled)}"


def test_styles_name_only_files_that_are_there() -> None:
    for sheet in ("tokens.css", "portal.css", "product.css", "giay-to.css"):
        path = Path(str(finders.find(f"css/{sheet}")))
        for address in re.findall(r'url\("(?!data:)([^"]+)"\)', path.read_text()):
            assert (path.parent / address).resolve().exists(), f"{sheet}: {address}"
