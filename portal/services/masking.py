"""Takes personal data out of text that is going to be public: numbers, addresses, names of people.

A proposal: the officer who publishes reads it and may take out more. What is left of numbers and electronic addresses
after that is found by `leftovers`, and publishing refuses it; only contacts that agencies publish themselves stay.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from danhmuc.text import fold

EMAIL, NUMBER, PHONE, ADDRESS, PERSON = (
    "[thư điện tử]",
    "[số giấy tờ]",
    "[số điện thoại]",
    "[địa chỉ]",
    "[họ tên]",
)

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ue000-\uf8ff\ufeff]")
_EMAIL = re.compile(r"[\w.+%'-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
#: Digits with what people put between them; nine and more identify a person, an account, a telephone.
_DIGITS = re.compile(r"(?<!\d)\+?\(?\d(?:(?:[\s.\-–—_/()·]{0,3}|,)\d){8,}(?!\d)")
_MONEY = re.compile(r"[1-9]\d{0,2}(?:([., ])\d{3})(?:\1\d{3})*")
_UNIT = re.compile(r"\s*(?:đồng|đ\b|₫|vnđ|vnd|triệu|tỷ|m2|m²)", re.IGNORECASE)
_DATE = re.compile(
    r"(?<![\d/.\-])(?:(?:0?[1-9]|[12]\d|3[01])[/.\-])?(?:0?[1-9]|1[0-2])[/.\-](?:19|20)\d{2}(?![/.\-]?\d)"
)
#: Stands for a date while numbers are looked for, so that two dates in a row make no number.
_HELD = "\ue000"
#: Codes of dossiers lead to a person for those who hold the register.
_DOSSIER = re.compile(
    r"\b(?:[HG]\d{2}(?:\.\d+)*|\d{3}(?:\.\d{2}){2}\.[HG]\d{2})-\d{6}-\d+\b|\bNT-[0-9A-Z]{9}\b|\bPA-[0-9A-Z]{10}\b"
)

_CAPITALS = "".join(c for c in map(chr, [*range(0x41, 0x250), *range(0x1E00, 0x1F00)]) if c.isupper())
_CAPITAL = rf"(?:[{_CAPITALS}]\.?[^\W\d_]*)"
_NAME = rf"{_CAPITAL}(?:\s+{_CAPITAL}){{0,4}}"
_PEOPLE = re.compile(
    rf"\b(?P<title>(?i:ông|bà|anh|chị|cô|chú|bác|cháu|em|thầy|cụ|đồng chí|đ/c|cán bộ|nhân viên|bưu tá|tên là|tôi là|tên tôi là)"
    rf"(?:\s+(?i:ông|bà|anh|chị|cô|tên))?)(?P<gap>\s*:?\s+)(?P<name>{_NAME})"
)
_SURNAMES = (
    "Nguyễn|Trần|Lê|Phạm|Hoàng|Huỳnh|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Hồ|Ngô|Dương|Lý|Đinh|Hà|Lưu|Đoàn|Trịnh|Đào|Phùng|Quách|Tạ|Cao|"
    "Triệu|Chu|Vương|Mai|Tô|Lương|Trương|Nông|Bàn|Kiều|Khuất|Thái|Tống|Lâm|Doãn|Hán|Cù|La|Lò|Vi"
)
_FULL_NAME = re.compile(rf"(?<!\w)(?P<name>(?:{_SURNAMES})(?:\s+{_CAPITAL}){{1,4}})")
#: Places that begin like a family name.
_PLACES = re.compile(
    r"(?:Hà (?:Nội|Nam|Giang|Tĩnh|Đông)|Lâm (?:Đồng|Thao)|Cao Bằng|Thái (?:Nguyên|Bình)|Vi Xuyên|La Phù)\b"
)
#: What may precede a name that is a place and no person.
_PLACE_BEFORE = re.compile(
    r"(?:đường|phố|phường|xã|trường|chợ|cầu|ngõ|ngách|khu|thôn|bệnh viện|công viên|đại lộ|quảng trường|tỉnh|thành phố|huyện|thị xã|"
    r"công ty|hợp tác xã|thpt|thcs|tiểu học|mầm non|tên)\s+$",
    re.IGNORECASE,
)
#: Capitalised words after a title that name an office, not a person.
_OFFICES = re.compile(
    "chu|pho|giam|truong|bi|uy|ban|so|phong|trung|cong|bo|vien|tong|hoi|dang|nha|dan|can|thanh|tra|mot|cua|buu|cuc|khu|thon|xa|"
    "phuong|tinh|huyen|nhan|chi|ke"
)
_STREET = re.compile(
    rf"(?:\b(?i:số(?:\s+nhà)?)\s*\d+[\w/]*|\b(?i:nhà\s+số)\s*\d+[\w/]*)"
    rf"(?:[\s,]+(?i:ngõ|ngách|hẻm|kiệt|đường|phố|tổ|khu|thôn)\s+(?:\d+[\w/]*|{_NAME}))*"
)
_HAMLET = re.compile(
    rf"\b(?i:ngõ|ngách|hẻm|tổ(?:\s+dân\s+phố)?|khu|thôn|xóm|ấp|bản|đội)\s+(?:số\s+)?(?:\d+[\w/]*|{_NAME})"
)
_PLOT = re.compile(
    r"\bthửa(?:\s+đất)?(?:\s+số)?\s*\d+(?:[\s,]+(?:thuộc\s+)?tờ(?:\s+bản\s+đồ)?(?:\s+số)?\s*\d+)?",
    re.IGNORECASE,
)
_NOT_ADDRESS = re.compile(
    r"\b(?:quyết định|nghị định|công văn|thông tư|văn bản|luật|tờ trình|biên bản|giấy hẹn|phiếu)\s*$",
    re.IGNORECASE,
)
_PLATE = re.compile(r"\b\d{2}[A-ZĐ]\d?[\s\-.]?\d{3}[.\s]?\d{2}\b")


@dataclass(frozen=True)
class Masked:
    """Text fit to be shown, and what was taken out of it, in the words of the text."""

    text: str
    removed: tuple[str, ...]


def mask(text: str, *, names: Iterable[str] = (), public: Iterable[str] = ()) -> Masked:
    """The text without personal data. `names` are people known to occur; `public` are contacts agencies publish."""
    removed: list[str] = []
    known = {_plain(contact) for contact in public}

    def swap(pattern: re.Pattern[str], by: Callable[[re.Match[str]], str | None], value: str) -> str:
        def one(match: re.Match[str]) -> str:
            put = by(match)
            if put is None:
                return match.group()
            removed.append(match.group().strip())
            return put

        return pattern.sub(one, value)

    value = clean(text)
    value = swap(_EMAIL, lambda m: None if _plain(m.group()) in known else EMAIL, value)
    value = swap(_DOSSIER, lambda m: "[mã hồ sơ]", value)
    held = iter(_DATE.findall(value))
    value = swap(_DIGITS, lambda m: _number(m, known), _DATE.sub(_HELD, value))
    value = swap(_PLATE, lambda m: "[biển số]", value)
    value = swap(_PLOT, lambda m: "[thửa đất]", value)
    value = swap(_STREET, lambda m: _address(m), value)
    value = swap(_HAMLET, lambda m: _address(m), value)
    for name in sorted({clean(name).strip() for name in names if name.strip()}, key=len, reverse=True):
        value = swap(_spelled(name), lambda m: PERSON, value)
    value = swap(_PEOPLE, _person, value)
    value = swap(_FULL_NAME, _full_name, value)
    value = re.sub(_HELD, lambda m: next(held), value)
    return Masked(value, tuple(dict.fromkeys(removed)))


def leftovers(text: str, *, public: Iterable[str] = ()) -> list[str]:
    """Telephones, identity and account numbers, codes and e-mail addresses still in a text."""
    known = {_plain(contact) for contact in public}
    value = clean(text)
    found = [m.group() for m in _EMAIL.finditer(value) if _plain(m.group()) not in known]
    found += [m.group() for m in _DOSSIER.finditer(value)]
    undated = _DATE.sub(_HELD, value)
    found += [m.group().strip() for m in _DIGITS.finditer(undated) if _number(m, known) is not None]
    return found


def clean(text: str) -> str:
    """One way to write every letter and digit, so that nothing hides behind a look-alike or an invisible sign."""
    value = _INVISIBLE.sub("", unicodedata.normalize("NFC", text))
    return "".join(_digit(c) for c in value)


def _digit(char: str) -> str:
    number = unicodedata.decimal(char, None) if not char.isascii() else None
    if number is not None:
        return str(number)
    return "@" if char in "＠﹫" else char


def _plain(contact: str) -> str:
    if "@" in contact:
        return "".join(contact.split()).casefold()
    digits = re.sub(r"\D", "", contact)
    return "0" + digits[2:] if digits.startswith("84") and len(digits) >= 11 else digits


def _number(match: re.Match[str], known: set[str]) -> str | None:
    """What to put for a run of nine digits and more; None for money and published telephones."""
    text = match.group()
    if _plain(text) in known:
        return None
    after = match.string[match.end() : match.end() + 8]
    if _MONEY.fullmatch(text.strip()) and _UNIT.match(after):
        return None
    digits = re.sub(r"\D", "", text)
    local = "0" + digits[2:] if digits.startswith("84") else digits
    return PHONE if re.fullmatch(r"0[235789]\d{8,9}", local) else NUMBER


def _address(match: re.Match[str]) -> str | None:
    before = match.string[max(0, match.start() - 24) : match.start()]
    # "Quyết định số 12" names a document and no home.
    return None if _NOT_ADDRESS.search(before) else ADDRESS


def _person(match: re.Match[str]) -> str | None:
    name = match["name"]
    if not name[:1].isupper() or _OFFICES.fullmatch(fold(name.split()[0])):
        return None
    return f"{match['title']}{match['gap']}{PERSON}"


def _full_name(match: re.Match[str]) -> str | None:
    before = match.string[max(0, match.start() - 24) : match.start()]
    return None if _PLACE_BEFORE.search(before) or _PLACES.match(match["name"]) else PERSON


def _spelled(name: str) -> re.Pattern[str]:
    """The name with any spacing, in any case."""
    words = [re.escape(word) for word in name.split()]
    return re.compile(r"(?<!\w)" + r"\s+".join(words) + r"(?!\w)", re.IGNORECASE)
