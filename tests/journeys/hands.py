"""Hands on a browser: filling in a form the way a person does, whatever its fields are."""

import re
from typing import Any

from playwright.sync_api import Page

TEXTS = {
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


def fill_visible(page: Page, given: dict[str, Any] | None = None) -> None:
    """Give every empty field of the form that asks for something an answer; `given` by name comes first."""
    answers = given or {}
    fields = page.locator("main form :is(input, select, textarea)")
    for index in range(fields.count()):
        field = fields.nth(index)
        name = field.get_attribute("name") or ""
        kind = field.get_attribute("type") or field.evaluate("e => e.tagName.toLowerCase()")
        if not name or kind in {"hidden", "file", "submit"} or not field.is_visible():
            continue
        if kind == "radio":
            group = page.locator(f'main form input[type=radio][name="{name}"]')
            if page.locator(f'main form input[type=radio][name="{name}"]:checked').count() == 0:
                wanted = answers.get(name)
                chosen = (
                    page.locator(f'main form input[name="{name}"][value="{wanted}"]')
                    if wanted
                    else group.first
                )
                chosen.dispatch_event("click")
        elif kind == "checkbox":
            if answers.get(name):
                field.check()
        elif kind == "select":
            if not field.input_value():
                options = field.locator("option")
                values = [options.nth(i).get_attribute("value") or "" for i in range(options.count())]
                field.select_option(str(answers.get(name) or next(v for v in values if v)))
        elif not field.input_value():
            field.fill(str(answers.get(name) or words_for(name, field.get_attribute("inputmode") or "")))


def words_for(name: str, mode: str) -> str:
    """Something sensible for a field of this name."""
    if match := re.search(r"_(d|m|y)$", name):
        return {"d": "4", "m": "5", "y": "1986"}[match.group(1)]
    for part, text in TEXTS.items():
        if part in name:
            return text
    return "1" if mode == "numeric" else "Theo giấy tờ kèm theo"
