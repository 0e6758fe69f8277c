"""What every page must be, whoever asks for it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import html5lib
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lxml import etree

# Enough for a full back-office page with session, user, positions and counters; a query per row never fits.
QUERY_BUDGET = 30
INLINE = {"a", "abbr", "b", "code", "em", "i", "mark", "small", "span", "strong", "sub", "sup", "time", "u"}
UNLABELLED = {"hidden", "submit", "button", "reset", "image"}


def text_of(element: etree._Element) -> str:
    """The words of an element as a reader sees them: blocks stand apart, white space is made single."""
    return " ".join("".join(_words(element)).split())


def _words(element: etree._Element) -> Iterator[str]:
    edge = "" if element.tag in INLINE else " "
    yield edge + (element.text or "")
    for child in element:
        if isinstance(child.tag, str):
            yield from _words(child)
        yield child.tail or ""
    yield edge


@dataclass
class Page:
    """A page that has passed the checks, with its tree to ask further questions."""

    url: str
    html: str
    tree: etree._Element
    response: HttpResponse | None = None
    queries: list[str] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The document's title."""
        return text_of(self.one("//title"))

    @property
    def h1(self) -> str:
        """The one heading of the first level."""
        return text_of(self.one("//h1"))

    @property
    def text(self) -> str:
        """All words of the main part."""
        return text_of(self.one("//main"))

    @property
    def links(self) -> list[str]:
        """Where the links of the page lead."""
        return [str(href) for href in self.tree.xpath("//a/@href")]

    def all(self, xpath: str) -> list[etree._Element]:
        """Elements by XPath."""
        return list(self.tree.xpath(xpath))

    def one(self, xpath: str) -> etree._Element:
        """The single element of an XPath; fails when there is another number of them."""
        found = self.all(xpath)
        assert len(found) == 1, f"{self.url}: {len(found)} × {xpath}"
        return found[0]

    def button(self, label: str) -> etree._Element:
        """The button with these words."""
        found = [button for button in self.all("//button") if text_of(button) == label]
        assert len(found) == 1, f"{self.url}: {len(found)} nút “{label}”"
        return found[0]


def read_page(html: str, url: str = "") -> Page:
    """Parse strictly and check what holds for every page; AssertionError lists what is wrong."""
    page = Page(url=url, html=html, tree=parse(html, url))
    wrong = [*_wrong_frame(page), *_wrong_ids(page), *_wrong_labels(page), *_wrong_inline(page)]
    assert not wrong, f"{url}:\n" + "\n".join(f"- {line}" for line in wrong)
    return page


def parse(html: str, url: str = "", *, fragment: bool = False) -> etree._Element:
    """The tree of a page or a fragment; AssertionError for HTML that a browser would have to mend."""
    parser = html5lib.HTMLParser(
        tree=html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=False, strict=False
    )
    if fragment:
        root = etree.Element("div")
        nodes = parser.parseFragment(html)
        root.extend(node for node in nodes if not isinstance(node, str))
    else:
        root = parser.parse(html).getroot()
    errors = [
        f"dòng {line}: {html5lib.constants.E[code] % (details or {})}"
        for (line, _), code, details in parser.errors
    ]
    assert not errors, f"{url}: HTML sai\n" + "\n".join(errors[:10])
    return root


def _wrong_frame(page: Page) -> list[str]:
    wrong = []
    if page.tree.get("lang") not in {"vi", "en"}:
        wrong.append(f'lang="{page.tree.get("lang")}"')
    for tag in ("h1", "title", "main"):
        if (count := len(page.all(f"//{tag}[not(ancestor::svg)]"))) != 1:
            wrong.append(f"{count} thẻ <{tag}>")
    titles = page.all("//head/title")
    headings = page.all("//h1")
    if titles and headings and text_of(headings[0]).casefold() not in text_of(titles[0]).casefold():
        wrong.append(f"<title> “{text_of(titles[0])}” không nhắc lại <h1> “{text_of(headings[0])}”")
    if "{{" in page.html or "{%" in page.html:
        wrong.append("còn sót thẻ của mẫu trang")
    if stray := page.all("//body//*[not(self::code or self::pre)][normalize-space(text())='None']"):
        wrong.append(f"“None” trong <{stray[0].tag}>")
    return wrong


def _wrong_ids(page: Page) -> list[str]:
    ids = Counter(str(value) for value in page.tree.xpath("//@id"))
    wrong = [f'id="{name}" lặp {count} lần' for name, count in ids.items() if count > 1]
    for attribute in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
        for value in page.tree.xpath(f"//@{attribute}"):
            wrong += [f'{attribute}="{name}" không trỏ tới đâu' for name in value.split() if name not in ids]
    return wrong


def _wrong_labels(page: Page) -> list[str]:
    wrong = []
    labelled = {str(value) for value in page.tree.xpath("//label[normalize-space()]/@for")}
    for control in page.all("//input | //select | //textarea"):
        if control.tag == "input" and control.get("type", "text") in UNLABELLED:
            continue
        named = control.get("aria-label") or control.get("aria-labelledby") or control.get("id") in labelled
        if not named and not control.xpath("ancestor::label[normalize-space()]"):
            wrong.append(f'<{control.tag} name="{control.get("name")}"> không có nhãn')
    for control in page.all("//button | //a[@href]"):
        picture = control.xpath(".//img[@alt!=''] | .//svg[@aria-label or @role='img'] | .//svg/title")
        if not (text_of(control) or control.get("aria-label") or control.get("aria-labelledby") or picture):
            wrong.append(f"<{control.tag}> không có chữ: {etree.tostring(control)[:120]!r}")
    wrong += [f'<img src="{image.get("src")}"> thiếu alt' for image in page.all("//img[not(@alt)]")]
    return wrong


def _wrong_inline(page: Page) -> list[str]:
    """The content security policy would drop these; better to hear of it here."""
    wrong = [
        f"<{node.tag}> viết thẳng trong trang" for node in page.all("//script[not(@src)] | //body//style")
    ]
    for style in page.tree.xpath("//@style"):
        if not all(re.match(r"\s*--[\w-]+\s*:", part) for part in style.split(";") if part.strip()):
            wrong.append(f'style="{style}" ngoài thuộc tính tùy biến')
    for node in page.all("//*[@*[starts-with(name(), 'on')]]"):
        wrong += [f"{name}=… viết thẳng trong trang" for name in node.attrib if name.startswith("on")]
    return wrong


class Visitor:
    """`visit(url, user)` asks for a page as a person would and checks what comes back."""

    def __call__(
        self,
        url: str,
        user: Any = None,
        *,
        status: int = 200,
        budget: int = QUERY_BUDGET,
        follow: bool = False,
    ) -> Page:
        """GET; the checked page. A status other than 200 is expected to be named."""
        client = self.client(user)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(url, follow=follow)
        assert response.status_code == status, f"{url}: {response.status_code}, mong đợi {status}"
        queries = [query["sql"] for query in captured.captured_queries]
        assert len(queries) <= budget, f"{url}: {len(queries)} truy vấn (tối đa {budget})\n" + "\n".join(
            queries
        )
        return self._page(url, response, queries)

    def post(self, url: str, data: dict[str, Any], user: Any = None, *, status: int = 200) -> Page:
        """POST and follow redirects; the checked page at the end, which must have this status."""
        response = self.client(user).post(url, data, follow=True)
        assert response.status_code == status, f"{url}: {response.status_code}, mong đợi {status}"
        return self._page(response.request["PATH_INFO"], response, [])

    def client(self, user: Any = None) -> Client:
        """A browser of this person's own, signed in unless nobody is named."""
        client = Client()
        if user is not None:
            client.force_login(user)
        return client

    def _page(self, url: str, response: Any, queries: list[str]) -> Page:
        kind = response.headers.get("Content-Type", "")
        if not kind.startswith("text/html") or not response.content:
            return Page(url=url, html="", tree=etree.Element("html"), response=response, queries=queries)
        html = response.content.decode()
        is_part = not html.lstrip().lower().startswith("<!doctype")
        if is_part:  # what htmx puts into a page
            page = Page(url=url, html=html, tree=parse(html, url, fragment=True))
        else:
            page = read_page(html, url)
        page.response, page.queries = response, queries
        return page
