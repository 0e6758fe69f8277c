"""Where money given back goes: banks by their code (BIN of NAPAS), and what a true account looks like."""

import re
from collections.abc import Iterable

from danhmuc.text import fold

#: Code → name, the ones people use most first.
BANKS: dict[str, str] = {
    "970405": "Agribank",
    "970436": "Vietcombank",
    "970415": "VietinBank",
    "970418": "BIDV",
    "970422": "MB",
    "970407": "Techcombank",
    "970416": "ACB",
    "970432": "VPBank",
    "970403": "Sacombank",
    "970423": "TPBank",
    "970449": "LPBank",
    "970437": "HDBank",
    "970441": "VIB",
    "970443": "SHB",
    "970431": "Eximbank",
    "970426": "MSB",
    "970448": "OCB",
    "970429": "SCB",
    "970440": "SeABank",
    "970454": "BVBank",
    "970425": "ABBANK",
    "970428": "Nam A Bank",
    "970419": "NCB",
    "970452": "KienlongBank",
    "970433": "VietBank",
    "970427": "VietABank",
    "970412": "PVcomBank",
    "970409": "Bac A Bank",
    "970430": "PGBank",
    "970400": "SaigonBank",
    "970438": "BaoViet Bank",
    "970446": "Co-opBank",
    "970424": "Shinhan Bank",
    "970457": "Woori Bank",
    "970434": "Indovina Bank",
    "970421": "VRB",
}


def bank_name(code: str) -> str:
    """The name of a bank, or its code when we do not know it."""
    return BANKS.get(code, code)


def clean_account(text: str) -> str:
    """The account without blanks and dots. Raises ValueError when no bank has such a number."""
    account = re.sub(r"[\s.\-]", "", text)
    if not re.fullmatch(r"[0-9A-Za-z]{6,19}", account):
        raise ValueError(account)
    return account


def is_holder(holder: str, names: Iterable[str]) -> bool:
    """Whether the account is in one of these names, written with or without marks."""
    return fold(holder) in {fold(name) for name in names if name}
