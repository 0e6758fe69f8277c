"""What people type and paste, made plain before it is judged (no Django here)."""

import re
import unicodedata
from typing import Any

_SPACES = re.compile(r"\s+")
#: Marks nobody sees and pasted text is full of: soft hyphens, zero-width spaces, marks of direction, byte order marks.
#: The joiner stays where it holds an emoji together.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
    "|(?<![\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d"
)
_WIDE = re.compile("[\uff01-\uff5e]")


def nfc(text: str) -> str:
    """Text in Unicode NFC, runs of white space made one space, without invisible marks: NFD, tabs and non-breaking
    spaces come with whatever is pasted.
    """
    return _SPACES.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text))).strip()


def narrow(text: str) -> str:
    """Digits of any script, and full-width letters and signs, as the plain ones: what some keyboards type for numbers."""
    plain = _WIDE.sub(lambda found: chr(ord(found[0]) - 0xFEE0), text)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)


def tidy(value: Any) -> str:
    """What was typed into a box for numbers, dates and codes, ready to be read."""
    return narrow(nfc(str(value or "")))
