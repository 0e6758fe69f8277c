"""Sentences put together in Vietnamese where no page is near, told again in the language of a page.

The working clock knows no Django: its sentences are `Said`, which know their words and facts, and so are those that
services put into rows: a row keeps the facts beside the sentence (`said.facts_of`, `said.read`). `COUNTED` and `SAID`
put those words into the catalogue; tests/test_retold.py holds them against the code. Nothing is guessed from a finished
sentence: plain words are looked up as they stand, and what the catalogue does not know stays.
"""

import re
from collections.abc import Callable
from typing import Any

from django.utils.translation import get_language, gettext, gettext_noop, ngettext

from config.said import Said

#: Sentences with a number that English counts by; `n` is it.
COUNTED: dict[str, Callable[[int], str]] = {
    "Còn %(n)s ngày làm việc": lambda n: ngettext("Còn %(n)s ngày làm việc", "Còn %(n)s ngày làm việc", n),
    "Còn %(n)s giờ": lambda n: ngettext("Còn %(n)s giờ", "Còn %(n)s giờ", n),
    "Còn %(n)s phút": lambda n: ngettext("Còn %(n)s phút", "Còn %(n)s phút", n),
    "Quá hạn %(n)s ngày": lambda n: ngettext("Quá hạn %(n)s ngày", "Quá hạn %(n)s ngày", n),
    "Quá hạn %(n)s giờ": lambda n: ngettext("Quá hạn %(n)s giờ", "Quá hạn %(n)s giờ", n),
    "Quá hạn %(n)s phút": lambda n: ngettext("Quá hạn %(n)s phút", "Quá hạn %(n)s phút", n),
    "Đã dùng %(used)s trên %(n)s ngày làm việc": lambda n: ngettext(
        "Đã dùng %(used)s trên %(n)s ngày làm việc", "Đã dùng %(used)s trên %(n)s ngày làm việc", n
    ),
    "Đã dùng %(used)s trên %(n)s giờ làm việc": lambda n: ngettext(
        "Đã dùng %(used)s trên %(n)s giờ làm việc", "Đã dùng %(used)s trên %(n)s giờ làm việc", n
    ),
    "Đã dùng %(used)s trên %(n)s ngày": lambda n: ngettext(
        "Đã dùng %(used)s trên %(n)s ngày", "Đã dùng %(used)s trên %(n)s ngày", n
    ),
    "%(n)s ngày làm việc": lambda n: ngettext("%(n)s ngày làm việc", "%(n)s ngày làm việc", n),
    "%(n)s giờ làm việc": lambda n: ngettext("%(n)s giờ làm việc", "%(n)s giờ làm việc", n),
    "%(n)s ngày": lambda n: ngettext("%(n)s ngày", "%(n)s ngày", n),
    "%(n)s tháng": lambda n: ngettext("%(n)s tháng", "%(n)s tháng", n),
    "%(n)s giờ": lambda n: ngettext("%(n)s giờ", "%(n)s giờ", n),
    "%(n)s phút": lambda n: ngettext("%(n)s phút", "%(n)s phút", n),
}
#: The others.
SAID = (
    gettext_noop("Vừa quá hạn"),
    gettext_noop("Quá hạn dưới 1 ngày"),
    gettext_noop("Hết hạn hôm nay"),
    gettext_noop("Đến hạn"),
    gettext_noop("trong ngày"),
    gettext_noop("ngay khi nhận"),
    gettext_noop("%(time)s %(text)s"),
    gettext_noop("%(weekday)s %(text)s"),
    gettext_noop("%(weekday)s, %(day)s"),
    gettext_noop("%(text)s (%(why)s)"),
    gettext_noop("%(hours)s %(minutes)s"),
    gettext_noop("%(text)s, không tính vì tính lại từ đầu"),
    gettext_noop("ngày bắt đầu, không tính"),
    gettext_noop("chờ người gửi bổ sung, không tính"),
    gettext_noop("ngày %(n)s"),
    gettext_noop("%(weekday)s, cơ quan không làm việc"),
    gettext_noop("ngoài giờ làm việc, tính từ %(time)s ngày %(day)s"),
    gettext_noop("đã dùng hết thời hạn, giải quyết ngay trong ngày"),
    gettext_noop("đủ %(text)s, tháng không có ngày %(n)s nên lấy ngày cuối tháng"),
    gettext_noop("đủ %(text)s"),
    gettext_noop("ngày cuối là ngày nghỉ: %(text)s"),
    gettext_noop("ngày làm việc kế tiếp"),
    gettext_noop("giải quyết ngay khi nhận"),
    gettext_noop("giải quyết trong ngày tiếp nhận"),
    gettext_noop("giải quyết trong ngày"),
    gettext_noop("tiếp nhận sau %(time)s, chuyển sang ngày làm việc kế tiếp"),
    gettext_noop("nộp hồ sơ, chờ xác nhận đã nộp phí"),
    gettext_noop("bắt đầu thời hạn kiểm tra hồ sơ"),
    gettext_noop("yêu cầu hoàn thiện hồ sơ"),
    gettext_noop("tiếp nhận, thời hạn giải quyết %(text)s"),
    gettext_noop("%(text)s, thời hạn vẫn tính"),
    gettext_noop("tạm dừng, %(text)s"),
    gettext_noop("chờ bổ sung hồ sơ"),
    gettext_noop("chờ thực hiện nghĩa vụ tài chính"),
    gettext_noop("nhận đủ hồ sơ, tính lại từ đầu %(text)s"),
    gettext_noop("tiếp tục giải quyết, hồ sơ đã quá hạn từ trước khi tạm dừng"),
    gettext_noop("tiếp tục giải quyết, phần thời hạn còn lại tính tiếp"),
    gettext_noop("giữ nguyên ngày đã hẹn"),
    gettext_noop("gia hạn thêm %(text)s, tính từ ngày hẹn cũ"),
    gettext_noop("lịch làm việc thay đổi: %(text)s"),
    gettext_noop("ngày hẹn %(old)s không đổi"),
    gettext_noop("tính lại được %(new)s, giữ nguyên ngày đã hẹn %(old)s"),
    gettext_noop("ngày hẹn chuyển từ %(old)s sang %(new)s"),
    gettext_noop("đã giải quyết xong, thời hạn dừng"),
    gettext_noop("lịch làm việc"),
    gettext_noop("theo %(text)s, bản %(version)s"),
    gettext_noop("nghỉ %(text)s"),
    gettext_noop("%(text)s theo %(decision)s"),
    gettext_noop("%(text)s (dự kiến)"),
    gettext_noop("Hoàn phí: %(text)s"),
    gettext_noop("%(text)s, sửa tại %(agency)s"),
    gettext_noop("%(text)s, đã xác nhận bằng mã"),
)
#: Words without facts that no page says itself: of the settings, in the history of accounts.
PLAIN = (
    gettext_noop("Môi trường trình diễn, dữ liệu giả định"),
    gettext_noop("Hết hiệu lực; mọi thiết bị bị đăng xuất"),
)


def retold(text: str, fill: Callable[..., str]) -> str:
    """`text` in the language of the page.

    `fill(sentence, **data)` puts the parts into a sentence, as `config.ui.sentence` does.
    """
    if get_language() == "vi" or not text:
        return text
    return _told(text, fill) if isinstance(text, Said) else gettext(text)


def _told(said: Said, fill: Callable[..., str]) -> str:
    if counted := COUNTED.get(said.words):
        facts = {key: str(value).replace(",", ".") for key, value in said.facts.items()}
        number = facts["n"] = re.sub(r"^0+(?=\d)", "", facts["n"])
        return fill(counted(1 if number == "1" else 2), **facts)  # English says "0.5 days"
    return fill(gettext(said.words), **{name: _part(value, fill) for name, value in said.facts.items()})


def _part(value: Any, fill: Callable[..., str]) -> Any:
    """A sentence within a sentence, a word of ours such as a weekday, or data."""
    if isinstance(value, Said):
        return _told(value, fill)
    return gettext(value) if value and isinstance(value, str) else value
