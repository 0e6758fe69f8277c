"""Reading the citizen pages in English: what a page leaves in Vietnamese without saying so."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from lxml import etree

from danhmuc.models import Agency, User
from tests.page import Page, read_page

PO = Path(settings.BASE_DIR) / "locale/en/LC_MESSAGES/django.po"
MARKED = re.compile(r"[àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ]", re.IGNORECASE)
#: Words that are the same in both languages: names, units, numbers of legal documents.
NAMES = re.compile(r"Tiếng Việt|VNeID|[\w/-]*QĐ-TTg|[\w/-]*NĐ-CP|NĐ\d+")
#: 1.234.567, 1,5 and the sign of the đồng, as Vietnamese pages write them.
NUMBERS = re.compile(r"(?<![\d.])\d{1,3}(\.\d{3})+(?![\d.])|\d,\d(?!\d\d)|₫")
#: Attributes that are read to people.
SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-l")


def entries(po: Path) -> dict[str, list[str]]:
    """msgid (after its context, if it has one) → its translations (one, or one a plural form), fuzzy ones as empty."""
    found: dict[str, list[str]] = {}
    for block in po.read_text(encoding="utf-8").split("\n\n"):
        fuzzy = re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE) is not None
        texts: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if match := re.match(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?) "(.*)"$', line):
                name = match.group(1)
                texts[name] = match.group(2)
            elif line.startswith('"') and name:
                texts[name] += line[1:-1]
        if texts.get("msgid"):
            strings = [text for key, text in texts.items() if key.startswith("msgstr")]
            key = "\4".join(filter(None, (texts.get("msgctxt"), texts["msgid"])))
            found[key] = ["" for _ in strings] if fuzzy else strings
    return found


@cache
def our_words() -> frozenset[str]:
    """Every text of ours a citizen page may show: data may be marked as Vietnamese, these may not."""
    found = {text.split("\4")[-1] for text in entries(PO)}
    for folder in ("portal", "hoso/forms"):
        for path in (Path(settings.BASE_DIR) / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return frozenset(text for text in found if MARKED.search(text) and " " in text)


def asked_for_in_code() -> set[str]:
    """The texts our code asks the catalogue for, as the catalogue writes them."""
    found = set()
    for folder in ("baocao", "buuchinh", "config", "danhmuc", "hoso", "portal"):
        for path in (Path(settings.BASE_DIR) / folder).rglob("*.py"):
            nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
            imports = [
                n for n in nodes if isinstance(n, ast.ImportFrom) and n.module == "django.utils.translation"
            ]
            asking = {
                one.asname or one.name: one.name for n in imports for one in n.names if "gettext" in one.name
            }
            for node in nodes:
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in asking:
                    text = node.args[1 if asking[node.func.id].startswith("pgettext") else 0]
                    if isinstance(text, ast.Constant):
                        found.add(str(text.value).replace("\\", "\\\\").replace('"', '\\"'))
    return found


def left_in_vietnamese(page: Page, *data: str) -> list[str]:
    """Texts and numbers in Vietnamese outside elements that say so, and texts of ours inside them; `data` is what people typed."""
    typed = re.compile("|".join(map(re.escape, sorted(data, key=len, reverse=True))) or "(?!)")

    def foreign(text: str | None) -> bool:
        ours = NAMES.sub("", typed.sub("", text or ""))
        return bool(MARKED.search(ours) or NUMBERS.search(ours))

    found: list[str] = []
    for element, language in _spoken(page.tree):
        if language == "en":
            texts = [element.text, *(child.tail for child in element), *_attributes(element)]
            found += [" ".join(str(text).split())[:120] for text in texts if foreign(text)]
        else:
            words = " ".join((element.text or "").split())
            found += [f"lang=vi: {words}"] if words not in data and words.strip(" .:") in our_words() else []
    return found


def _spoken(tree: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Elements whose words are read aloud, each with the language it is in. What a person typed is theirs."""
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in {"script", "style", "title", "textarea"}:
            continue
        languages = [a.get("lang") for a in (element, *element.iterancestors()) if a.get("lang")]
        yield element, languages[0] if languages else ""


def _attributes(element: etree._Element) -> Iterator[str | None]:
    for name in SPOKEN:
        yield element.get(name)
    if element.tag == "button" or element.get("type") in {"submit", "button"}:
        yield element.get("value")


class Reader:
    """A person who has chosen English; every page they come to is checked."""

    def __init__(self, user: User | None = None, *data: str) -> None:
        """`data` is what people typed, beside the names of those who have accounts."""
        self.client, self.data = Client(), data
        self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
        if user is not None:
            self.client.force_login(user)

    def get(self, url: str, status: int = 200) -> Page:
        """Open a page."""
        return self.read(self.client.get(url, follow=True), status)

    def post(self, url: str, data: dict[str, Any] | None = None, status: int = 200) -> Page:
        """Send a form and come to the page it leads to."""
        return self.read(self.client.post(url, data or {}, follow=True), status)

    def read(self, response: Any, status: int) -> Page:
        """The page, in English throughout."""
        url = response.request["PATH_INFO"]
        assert response.status_code == status, f"{url}: {response.status_code}"
        page = read_page(response.content.decode(), url)
        assert page.tree.get("lang") == "en", url
        people = User.objects.exclude(full_name="").values_list("full_name", flat=True)
        agencies = Agency.objects.values_list("name", flat=True)
        left = left_in_vietnamese(page, *people, *agencies, *self.data)
        assert not left, f"{url}:\n" + "\n".join(left)
        return page
