"""The text of a VietQR code (NAPAS, over EMVCo's QR for merchants): account, amount and reference to pay by transfer."""

import re
import unicodedata

_GUID = "A000000727"
_TO_ACCOUNT = "QRIBFTTA"


def payload(bank: str, account: str, *, amount: int = 0, purpose: str = "") -> str:
    """`bank` is the six-digit BIN, `amount` whole đồng (nought leaves it to the payer), `purpose` at most 25 letters.

    Raises ValueError for a bank, account or amount that no banking application would take.
    """
    if not re.fullmatch(r"\d{6}", bank):
        raise ValueError("Mã ngân hàng (BIN) gồm 6 chữ số.")
    if not re.fullmatch(r"[0-9A-Za-z]{1,19}", account):
        raise ValueError("Số tài khoản gồm 1 đến 19 chữ hoặc số.")
    if not 0 <= amount < 10**13:
        raise ValueError("Số tiền không dương hoặc quá lớn.")
    receiver = _field("00", bank) + _field("01", account)
    merchant = _field("00", _GUID) + _field("01", receiver) + _field("02", _TO_ACCOUNT)
    text = _field("00", "01") + _field("01", "12" if amount else "11") + _field("38", merchant)
    text += _field("53", "704")
    if amount:
        text += _field("54", str(amount))
    text += _field("58", "VN")
    if words := plain(purpose):
        text += _field("62", _field("08", words))
    text += "6304"
    return f"{text}{crc16(text.encode()):04X}"


def plain(purpose: str) -> str:
    """Letters and digits without marks, as every bank shows them; cut at 25."""
    folded = unicodedata.normalize("NFD", purpose.replace("đ", "d").replace("Đ", "D"))
    kept = "".join(c if c.isascii() and c.isalnum() else " " for c in folded if not unicodedata.combining(c))
    return " ".join(kept.split())[:25].strip()


def _field(tag: str, value: str) -> str:
    if len(value) > 99:
        raise ValueError("Nội dung một trường của mã VietQR dài quá 99 ký tự.")
    return f"{tag}{len(value):02d}{value}"


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
            crc &= 0xFFFF
    return crc
