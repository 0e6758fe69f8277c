"""The citizen pages in English: every text has its translation, and nothing of ours is left in Vietnamese."""

import gettext
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from lxml import etree

from tests.factories import World, draft, walk
from tests.page import Page, read_page

PO = Path(settings.BASE_DIR) / "locale/en/LC_MESSAGES/django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%\(\w+\)0\dd")
MARKED = re.compile(r"[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE)
#: Names that are the same in both languages.
NAMES = re.compile(r"Tiếng Việt|đồng|VNeID")
SPOKEN = ("aria-label", "title", "placeholder", "alt", "content", "value")


def entries(po: Path) -> dict[str, list[str]]:
    """msgid → its translations (one, or one a plural form), fuzzy ones as empty."""
    found: dict[str, list[str]] = {}
    for block in po.read_text(encoding="utf-8").split("\n\n"):
        fuzzy = re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE) is not None
        texts: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if match := re.match(r'(msgid_plural|msgid|msgstr(?:\[\d\])?) "(.*)"$', line):
                name = match.group(1)
                texts[name] = match.group(2)
            elif line.startswith('"') and name:
                texts[name] += line[1:-1]
        if texts.get("msgid"):
            strings = [text for key, text in texts.items() if key.startswith("msgstr")]
            found[texts["msgid"]] = ["" for _ in strings] if fuzzy else strings
    return found


def lacking(sources: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[str]:
    """Texts of a copy of our sources that its catalogue has no English for. The command works on the folder it stands in."""
    settings.LOCALE_PATHS = [sources / "locale"]
    monkeypatch.chdir(sources)
    call_command("makemessages", locale=["en"], no_location=True, no_obsolete=True, verbosity=0)
    found = entries(sources / "locale/en/LC_MESSAGES/django.po")
    return [msgid for msgid, texts in found.items() if not all(texts)]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of everything a text may stand in, so that the repository's own catalogue stays as it is."""
    here = tmp_path / "sources"
    for name in (
        "baocao",
        "buuchinh",
        "config",
        "danhmuc",
        "hoso",
        "locale",
        "portal",
        "static",
        "templates",
    ):
        left_out = shutil.ignore_patterns("__pycache__", "vendor", "data", "migrations", "*.mo")
        shutil.copytree(Path(settings.BASE_DIR) / name, here / name, ignore=left_out)
    return here


def test_every_text_of_the_citizen_pages_has_its_english(
    sources: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    assert lacking(sources, monkeypatch, settings) == []


def test_a_text_without_english_is_noticed(
    sources: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    page = sources / "templates/portal/home.html"
    page.write_text(page.read_text() + '{% load i18n %}{% translate "Câu chưa ai dịch" %}')
    assert lacking(sources, monkeypatch, settings) == ["Câu chưa ai dịch"]


def test_translations_keep_what_is_filled_in() -> None:
    odd = {
        msgid: text
        for msgid, texts in entries(PO).items()
        for text in texts
        if set(PLACEHOLDER.findall(msgid)) != set(PLACEHOLDER.findall(text))
    }
    assert odd == {}


def test_the_compiled_catalogue_is_the_written_one() -> None:
    with PO.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    plain = {key: text for key, text in compiled._catalog.items() if isinstance(key, str) and key}  # type: ignore[attr-defined]
    written = {
        msgid.encode().decode("unicode_escape").encode("latin-1").decode() if "\\" in msgid else msgid: texts[
            0
        ]
        for msgid, texts in entries(PO).items()
        if len(texts) == 1
    }
    assert {key for key in written if key not in plain} == set()
    assert {key: plain[key] for key, text in written.items() if "\\" not in text and plain[key] != text} == {}


def vietnamese_left(page: Page) -> Iterator[str]:
    """Texts of ours still in Vietnamese: outside elements that say they are Vietnamese."""
    for element in page.tree.iter():
        if not isinstance(element.tag, str) or element.tag in {"script", "style"}:
            continue
        languages = [a.get("lang") for a in (element, *element.iterancestors()) if a.get("lang")]
        own = languages and languages[0] == "en"
        texts = [element.text or ""] if own else []
        parent = element.getparent()
        if parent is not None:
            above = [a.get("lang") for a in (parent, *parent.iterancestors()) if a.get("lang")]
            texts += [element.tail or ""] if above and above[0] == "en" else []
        if own:
            texts += [str(element.get(name)) for name in SPOKEN if _speaks(element, name)]
        for text in texts:
            if MARKED.search(NAMES.sub("", text)):
                yield " ".join(text.split())[:90]


def _speaks(element: etree._Element, name: str) -> bool:
    """Whether an attribute is read by people: not what somebody typed, nor what a list sends back."""
    if element.get(name) is None:
        return False
    if name == "value":
        return element.tag in {"button"} or element.get("type") in {"submit", "button"}
    return name != "content"


PUBLIC = (
    "/",
    "/thu-tuc/",
    "/thu-tuc/?q=khai+sinh",
    "/dang-nhap/",
    "/tai-khoan/dang-ky/",
    "/tra-cuu/",
    "/xac-minh/",
    "/mat-mang/",
    "/khong-co-trang-nay/",
    "/co-quan/",
    "/viec/",
    "/phan-anh/",
    "/phan-anh/gui/",
    "/phan-anh/theo-doi/",
    "/tai-khoan/quen-mat-khau/",
)


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.django_db
def test_public_pages_speak_english(w: World, client: Client, path: str) -> None:
    client.cookies["django_language"] = "en"
    page = read_page(client.get(path).content.decode(), path)
    assert page.tree.get("lang") == "en"
    assert list(vietnamese_left(page)) == []


@pytest.mark.django_db
def test_pages_of_a_procedure_and_an_agency_speak_english_about_vietnamese_data(
    w: World, client: Client
) -> None:
    client.cookies["django_language"] = "en"
    for path in (f"/thu-tuc/{w.version.procedure.code}/", f"/co-quan/{w.commune.key}/"):
        page = read_page(client.get(path).content.decode(), path)
        assert page.tree.get("lang") == "en"
        name = page.one("//title")
        name.getparent().remove(name)  # the title of a page is the name of its thing, and cannot mark it
        assert list(vietnamese_left(page)) == [], path


@pytest.mark.parametrize("until", ["submit", "accept", "decide", "complete"])
def test_ones_own_applications_are_told_in_english(w: World, client: Client, until: str) -> None:
    dossier = walk(w, draft(w, papers_by="counter"), until)
    client.cookies["django_language"] = "en"
    client.force_login(w.citizen)
    for path in ("/ho-so-cua-toi/", f"/ho-so-cua-toi/{dossier.submission_ref}/"):
        page = read_page(client.get(path).content.decode(), path)
        assert page.tree.get("lang") == "en"
        name = page.one("//title")
        name.getparent().remove(name)  # on the page of an application it is the name of the procedure
        assert list(vietnamese_left(page)) == [], path


@pytest.mark.django_db
def test_officers_pages_stay_vietnamese(w: World, client: Client) -> None:
    client.cookies["django_language"] = "en"
    client.force_login(w.desk_officer)
    page = read_page(client.get("/mot-cua/").content.decode(), "/mot-cua/")
    assert page.tree.get("lang") == "vi"
    assert page.h1
    assert MARKED.search(page.text)
