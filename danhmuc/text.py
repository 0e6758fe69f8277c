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
    """A to_tsquery('simple', …) expression in which a word still being typed may be the beginning of a stored word.

    That is the last one, a number, or an initial ("ng t huong"). Any other is whole: of a million names, half begin
    with "van", and gathering them all takes ten times as long as looking which of the few others hold the word.
    Returns "" when nothing searchable is left. At most `limit` words count, so that a pasted page stays cheap.
    """
    words = [w for w in (word.strip(".") for word in fold(text).split()) if w][:limit]
    return " & ".join(
        f"'{w}'" if _is_whole(w) and place < len(words) else f"'{w}':*" for place, w in enumerate(words, 1)
    )


def _is_whole(word: str) -> bool:
    return len(word) > 2 and word.isalpha()


def within_address(names: str) -> str:
    """Names of administrative units as they stand within an address: "phường Việt Trì, tỉnh Phú Thọ"."""
    return _UNIT.sub(lambda unit: unit[0].lower(), names)
