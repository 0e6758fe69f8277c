"""Whole numbers in Vietnamese words, for amounts on receipts and handover records (no Django here)."""

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
SCALES = ("", "nghìn", "triệu")  # after these come groups of tỷ: nghìn tỷ, triệu tỷ, tỷ tỷ


def in_words(number: int) -> str:
    """The number in words, lower case: 1_200_000 → "một triệu hai trăm nghìn".

    Follows the usage of official documents: mốt, lăm, tư only where speech demands them (mốt and lăm; "bốn"
    is kept after mươi), linh for a missing ten, "không trăm" inside a number.
    """
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"Không phải số nguyên: {number!r}")
    if number < 0:
        return "âm " + in_words(-number)
    if number == 0:
        return DIGITS[0]
    return " ".join(_large(number, full=False))


def _large(number: int, *, full: bool) -> list[str]:
    """Words of a positive number, or of a part of one: `full` says that higher digits were already spoken."""
    head, rest = divmod(number, 10**9)
    words: list[str] = []
    if head:
        words = [*_large(head, full=full), "tỷ"]
        full = True
    for power in (2, 1, 0):
        group, rest = divmod(rest, 1000**power)
        if group:
            words += _group(group, full=full)
            if SCALES[power]:
                words.append(SCALES[power])
            full = True
    return words


def _group(number: int, *, full: bool) -> list[str]:
    """Words of 1–999; `full` keeps "không trăm" and "linh" after a higher group."""
    hundreds, rest = divmod(number, 100)
    tens, units = divmod(rest, 10)
    words = [DIGITS[hundreds], "trăm"] if hundreds or full else []
    if tens == 0:
        if units:
            words += (["linh"] if words else []) + [DIGITS[units]]
        return words
    words += ["mười"] if tens == 1 else [DIGITS[tens], "mươi"]
    if units == 1 and tens > 1:
        words.append("mốt")
    elif units == 5:
        words.append("lăm")
    elif units:
        words.append(DIGITS[units])
    return words
