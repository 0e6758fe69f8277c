"""Misspelt Vietnamese: which written syllables may be meant by another, worked out on folded text alone.

Vietnamese parts its words into syllables, so one slip stays within one of them; there are only some thousands. Marks
are folded away before, which already forgives a wrong tone.
"""

import re

#: Spellings that many hear or write as one: the first of each is the key.
_ONSETS = (
    ("ngh", "ng"),
    ("gh", "g"),
    ("gi", "z"),
    ("qu", "kw"),
    ("tr", "c"),
    ("ch", "c"),
    ("ph", "f"),
    ("d", "z"),
    ("r", "z"),
    ("v", "z"),
    ("x", "s"),
    ("k", "k"),
    ("c", "k"),
    ("l", "n"),
)
_CODAS = (("ng", "n"), ("nh", "n"), ("ch", "t"), ("c", "t"))
_TELEX = (
    ("dd", "d"),
    ("aa", "a"),
    ("ee", "e"),
    ("oo", "o"),
    ("aw", "a"),
    ("ow", "o"),
    ("uw", "u"),
    ("w", "u"),
)
_TELEX_TONE = re.compile(r"(?<=[aeiouy])([a-z]*?)[sfrxj]$")
_TELEX_INNER = re.compile(r"(?<=[aeiouy])[sfrxj](?=[a-z]*$)")
_DIGITS = re.compile(r"\d+")
SHORTEST = 3
LONGEST = 12


def shorter(word: str) -> set[str]:
    """The word itself and everything with one letter left out."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def sound(word: str) -> str:
    """A key that two spellings share when many pronounce them alike: "xửa" and "sửa", "trích" and "chích"."""
    key = word.replace("y", "i")
    for written, heard in _ONSETS:
        if key.startswith(written):
            key = heard + key[len(written) :]
            break
    for written, heard in _CODAS:
        if key.endswith(written) and len(key) > len(written):
            key = key[: -len(written)] + heard
            break
    return key


def keys(word: str) -> list[str]:
    """What a stored syllable is found by: one slip away, or the same to the ear."""
    if not SHORTEST - 1 <= len(word) <= LONGEST:
        return [f"~{sound(word)}"]
    return sorted({*shorter(word), f"~{sound(word)}"})


def is_one_slip(a: str, b: str) -> bool:
    """Whether one letter too many, too few, wrong, or two swapped make one word of the other."""
    if a == b:
        return True
    if len(a) == len(b):
        wrong = [at for at in range(len(a)) if a[at] != b[at]]
        if len(wrong) == 1:
            return True
        return (
            len(wrong) == 2
            and wrong[1] == wrong[0] + 1
            and a[wrong[0]] == b[wrong[1]]
            and a[wrong[1]] == b[wrong[0]]
        )
    longer, less = (a, b) if len(a) > len(b) else (b, a)
    return len(longer) == len(less) + 1 and less in shorter(longer)


def keystrokes(word: str) -> str:
    """What was meant when the Vietnamese keyboard was off: "giaays" and "giay6" are "giay"."""
    plain = _DIGITS.sub("", word)
    for typed, meant in _TELEX:
        plain = plain.replace(typed, meant)
    ended = _TELEX_TONE.sub(r"\1", plain)
    return ended if ended != plain else _TELEX_INNER.sub("", plain, count=1)
