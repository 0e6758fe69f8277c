"""Vietnamese text as people type it: folding for search, names for sorting, sign-in names."""

import re
import unicodedata

from config.typed import narrow, nfc

__all__ = ["calm", "fold", "given_name_key", "narrow", "nfc", "prefix_query", "within_address"]

_UNIT = re.compile(r"(?:^|(?<=, ))(Tỉnh|Thành phố|Thị xã|Thị trấn|Huyện|Quận|Phường|Xã|Đặc khu) ")
_NOT_WORD = re.compile(r"[^0-9a-z.]+")


def fold(text: str) -> str:
    """Lower case without diacritics, đ as d, words parted by single spaces: the key every search compares.

    Codes keep their dots ("2.000815") and lose other punctuation, so that "H44.20-261008-0975" folds to three words.
    """
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d").replace("ð", "d"))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    return _NOT_WORD.sub(" ", plain).strip()


def calm(name: str) -> str:
    """A name the source writes wholly in capitals, in sentence case and without its full stop; any other as it is."""
    if not name.isupper():
        return name
    short = name.strip().rstrip(".").lower().replace("việt nam", "Việt Nam")
    return short[:1].upper() + short[1:]


def given_name_key(full_name: str) -> tuple[str, str]:
    """Sort key of a person's name: Vietnamese lists of people go by given name, which stands last."""
    words = fold(full_name).split()
    return (words[-1], " ".join(words[:-1])) if words else ("", "")


def prefix_query(text: str, limit: int = 8) -> str:
    """A to_tsquery('simple', …) expression in which each word may be the beginning of a stored word.

    Returns "" when nothing searchable is left. At most `limit` words count, so that a pasted page stays cheap.
    """
    words = [w.strip(".") for w in fold(text).split()]
    return " & ".join(f"'{w}':*" for w in words[:limit] if w)


def within_address(names: str) -> str:
    """Names of administrative units as they stand within an address: "phường Việt Trì, tỉnh Phú Thọ"."""
    return _UNIT.sub(lambda unit: unit[0].lower(), names)
