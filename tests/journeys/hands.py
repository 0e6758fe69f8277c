"""Hands on a browser: people of a story at their own machines, filling in whatever a form asks as people do."""

import io
import re
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pikepdf
from django.db import connections
from playwright.sync_api import Browser, Locator, Page, expect

from config.demo.cast import PASSWORD
from danhmuc.models import User
from hoso.models import Dossier
from tests.conftest import SIZES, complaints_of

#: What people write, by a part of the field's name; the first that fits.
TEXTS = {
    "industry_name": "Bán lẻ hàng tạp hóa",
    "industry_code": "4711",
    "business_name": "Hộ kinh doanh Thanh Hương",
    "account": "220512345678",
    "capital": "50000000",
    "email": "thanhhuong@example.vn",
    "phone": "0912345678",
    "person_id": "025186004317",
    "id_number": "025186004317",
    "place": "Công an tỉnh Phú Thọ",
    "office": "Ủy ban nhân dân phường Việt Trì",
    "count": "2",
    "name": "Nguyễn Thị Thanh Hương",
    "detail": "Khu 6",
    "address": "Khu 6",
    "year": "1986",
    "amount": "1000000",
}

#: All there is to know of one field, asked at once: each asking travels to the browser and back.
FIELD = """index => {
  const field = document.querySelectorAll('main form :is(input, select, textarea)')[index];
  if (!field) return null;
  const box = field.getBoundingClientRect();
  return {
    name: field.name,
    kind: field.getAttribute('type') || field.tagName.toLowerCase(),
    mode: field.inputMode,
    value: field.value,
    shown: box.width > 0 && box.height > 0 && field.checkVisibility({visibilityProperty: true}),
    optional: !!field.closest('.dv-field')?.querySelector(':scope > :is(label, legend) > .dv-opt'),
    chosen: field.type === 'radio' && [...field.form.elements].some(e => e.name === field.name && e.checked),
    options: [...(field.options ?? [])].map(option => option.value),
  };
}"""


class Story:
    """One browser context a person, as people have their own machines; officers at desks, the others on phones."""

    def __init__(
        self, name: str, chromium: Browser, base_url: str, people: dict[str, User], shoot: Any, axe: Any
    ) -> None:
        self.name, self.chromium, self.base_url, self.people = name, chromium, base_url, people
        self._shoot, self._axe = shoot, axe
        self.pages: dict[str, Page] = {}
        self.complaints: list[str] = []
        self.ref, self.script = "", True

    def join(self, who: str, user: User) -> User:
        """A further person of the story, who signs in like the others."""
        user.set_password(PASSWORD)
        user.save()
        self.people[who] = user
        return user

    def open(self, who: str, *, script: bool = True) -> Page:
        """The person takes out the machine; nobody is signed in yet."""
        user = self.people.get(who)
        self.script = self.script and script
        context = self.chromium.new_context(
            base_url=self.base_url,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            viewport=SIZES["1366" if user is not None and user.is_officer else "390"],
            java_script_enabled=script,
        )
        page = self.pages[who] = context.new_page()
        complaints_of(page, self.complaints)
        return page

    def at(self, who: str, path: str) -> Page:
        """The page a person looks at; signed in at the door on the first look (a guest has no account)."""
        if who in self.pages:
            page = self.pages[who]
            page.goto(path)
            if "/dang-nhap/" in page.url and who in self.people:  # days later
                self.sign_in(who)
            return page
        page = self.open(who)
        if who in self.people:
            page.goto(f"/dang-nhap/?next={path}")
            self.sign_in(who)
        else:
            page.goto(path)
        return page

    def sign_in(self, who: str) -> None:
        """Fill in the door's form; citizens by their personal ID, organisations by their tax code."""
        page, user = self.pages[who], self.people[who]
        page.fill("input[name=username]", user.personal_id or user.tax_code or user.username)
        page.fill("input[name=password]", PASSWORD)
        press(page, "Đăng nhập")
        expect(page).not_to_have_url(re.compile("/dang-nhap/"))

    def dossier_at(self, who: str, slug: str = "") -> Page:
        """A page of the dossier in the back office."""
        return self.at(who, f"/mot-cua/ho-so/{self.ref}/{slug}")

    def step(
        self,
        who: str,
        slug: str,
        button: str,
        *,
        look: str = "",
        choose: Iterable[str] = (),
        say: dict[str, str] | None = None,
    ) -> None:
        """An officer takes a step of the dossier: `choose` boxes and answers by selector, `say` words by field."""
        page = self.dossier_at(who, slug)
        for selector in choose:
            tick(page.locator(selector))
        for field, words in (say or {}).items():
            page.fill(f"[name={field}]", words)
        if look:
            self.look(page, look)
        press(page, button)
        expect(page).not_to_have_url(re.compile(f"/{slug}$"))

    def look(self, page: Page, name: str) -> None:
        """Pictures at both widths, and no accessibility violation (which it takes a script to find)."""
        self._shoot(page, f"hanh-trinh-{self.name}-{name}{'' if self.script else '-khong-script'}")
        if self.script:
            self._axe(page)

    @property
    def dossier(self) -> Dossier:
        """As it now is in the database."""
        return Dossier.objects.get(submission_ref=self.ref)

    def close(self) -> None:
        """Leave no browser behind; nothing may have gone wrong in any of them."""
        for page in self.pages.values():
            page.goto("about:blank")  # what was still being fetched is let go before the database goes
            page.context.close()
        assert not self.complaints, "\n".join(self.complaints)


# -- What every story has in common ------------------------------------------------------------------------------------


def officers_decide(
    s: Story, *, opinion: str, decision: str, looks: tuple[str, str, str] = ("", "", "")
) -> None:
    """From the head who signs for the dossier to the clerk who releases the signed result."""
    s.step("division_head", "ky-nhan/", "Ký nhận")
    assign_to_the_case_officer(s, look=looks[0])
    s.step("case_officer", "hoan-thanh-buoc/", "Hoàn thành", say={"result": opinion}, look=looks[1])
    granted = ['input[name=outcome][value="granted"]']
    s.step("approver", "ky-ket-qua/", "Ký kết quả", choose=granted, say={"body": decision}, look=looks[2])
    s.step("records_clerk", "phat-hanh/", "Phát hành")


def assign_to_the_case_officer(s: Story, *, look: str = "") -> None:
    """The head names who works on it."""
    page = s.dossier_at("division_head", "phan-cong/")
    tick(page.get_by_label(s.people["case_officer"].full_name).first)
    if look:
        s.look(page, look)
    press(page, "Phân công")


# -- One movement ------------------------------------------------------------------------------------------------------


def tick(box: Locator) -> None:
    """Tick a box or choose an answer, also one that a pinned bar covers or whose own square is hidden."""
    if not box.is_checked():
        box.dispatch_event("click")


def press(page: Page, name: str) -> None:
    """Press a button of the page's main part and wait for the answer."""
    with page.expect_navigation():
        page.locator("main, .dv-commit").get_by_role("button", name=name).last.click()
    problems = page.locator(".dv-errors")
    assert problems.count() == 0, problems.inner_text()


def follow(page: Page, name: str | re.Pattern[str]) -> None:
    """Follow a link of the page's main part by its words."""
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=name).first.click()


def search(page: Page, words: str) -> None:
    """Type into the page's search box and go."""
    page.get_by_role("searchbox").first.fill(words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def a_file(name: str) -> dict[str, Any]:
    """A one-page PDF as a phone would send it."""
    data = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(595, 842))
        document.save(data)
    return {"name": name, "mimeType": "application/pdf", "buffer": data.getvalue()}


def a_photo(name: str) -> dict[str, Any]:
    """A photograph held upright and stored lying, as telephones send them."""
    from tests.pictures import photo

    return {"name": name, "mimeType": "image/jpeg", "buffer": photo(turned=True)}


def beside_the_browser(task: Callable[[], Any]) -> None:
    """Run a task of the beat in a thread of its own: the browser's event loop lives in this one."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            task()
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(120)
    assert not failed, failed


# -- Forms -------------------------------------------------------------------------------------------------------------


def begin(s: Story, page: Page, agency: str, *, who: str = "citizen") -> None:
    """From the page of a procedure to a draft at this agency, through the door when nobody is signed in yet."""
    follow(page, "Nộp hồ sơ trực tuyến")
    if "/dang-nhap/" in page.url:
        s.sign_in(who)
    page.select_option("select[name=agency]", label=agency)
    press(page, "Bắt đầu")
    found = re.search(r"NT-[0-9A-Z]{9}", page.url)
    assert found
    s.ref = found.group(0)


def fill_form(s: Story, page: Page, given: dict[str, Any] | None = None) -> None:
    """Every section of the electronic form of the draft, from the list of its parts."""
    page.goto(f"/nop-ho-so/{s.ref}/")
    sections = [a.get_attribute("href") or "" for a in page.locator('main a[href*="/to-khai/"]').all()]
    for href in dict.fromkeys(sections):
        page.goto(href)
        for _ in range(4):  # an answer may open further questions on the same page
            if href not in page.url:
                break
            fill_visible(page, given)
            press(page, "Lưu và tiếp tục")


def attach(s: Story, page: Page, *files: dict[str, Any], boxes: int | None = None) -> None:
    """The same files into the first boxes of the page of papers (every box by default)."""
    page.goto(f"/nop-ho-so/{s.ref}/giay-to/")
    for field in page.locator("input[type=file]").all()[:boxes]:
        field.set_input_files(list(files))
    if page.locator("[data-plain]").is_hidden():  # the script sends files as they are chosen
        expect(page.get_by_text("Đã tải lên xong.")).to_be_visible()
    press(page, "Lưu và tiếp tục")
    page.goto(f"/nop-ho-so/{s.ref}/giay-to/")


def choose_ways(s: Story, page: Page, **ways: str) -> None:
    """How the originals come and the result goes: `papers_by`, `return_by`."""
    page.goto(f"/nop-ho-so/{s.ref}/buu-chinh/")
    for name, value in ways.items():
        tick(page.locator(f'input[name={name}][value="{value}"]'))


def file_it(s: Story, page: Page) -> None:
    """The last look, the promise and the button."""
    page.goto(f"/nop-ho-so/{s.ref}/kiem-tra/")
    page.check("input[name=declared]")
    press(page, "Nộp hồ sơ")
    expect(page).not_to_have_url(re.compile("/kiem-tra/"))


def fill_visible(page: Page, given: dict[str, Any] | None = None) -> None:
    """Answer every empty question that must be answered, and those `given` by the end of their names."""

    def answer_to(name: str) -> Any:
        return next((value for key, value in (given or {}).items() if name.endswith(key)), None)

    fields = page.locator("main form :is(input, select, textarea)")
    index = -1
    while field := page.evaluate(FIELD, index := index + 1):  # an answer may let further questions appear
        name, kind = field["name"], field["kind"]
        if not name or kind in {"hidden", "file", "submit"} or not field["shown"]:
            continue
        wanted = answer_to(name)
        if wanted is None and field["optional"]:
            continue
        if kind == "radio":
            if wanted is not None or not field["chosen"]:
                chosen = page.locator(f'main form input[type=radio][name="{name}"]')
                chosen = chosen.and_(page.locator(f'[value="{wanted}"]')) if wanted else chosen.first
                chosen.dispatch_event("click")
        elif kind == "checkbox":
            if wanted:
                fields.nth(index).check()
        elif wanted is not None or not field["value"]:
            if kind == "select":
                fields.nth(index).select_option(str(wanted or next(filter(None, field["options"]))))
            else:
                fields.nth(index).fill(str(wanted or words_for(name, field["mode"])))


def words_for(name: str, mode: str) -> str:
    """Something sensible for a field of this name."""
    if match := re.search(r"_(d|m|y)$", name):
        return {"d": "4", "m": "5", "y": "1986"}[match.group(1)]
    for part, text in TEXTS.items():
        if part in name:
            return text
    return "1" if mode == "numeric" else "Theo giấy tờ kèm theo"
