"""Looking a dossier up by text message: "TC <mã hồ sơ>", with the last four digits when the telephone is another's.

The answer is the degree of completion alone (TT01/18 Art 16.2d), sent through the outbox. A message is answered once
however often the carrier delivers it, and a number that asks too often is left without answer: every answer costs.
"""

import re
from datetime import timedelta

from django.db import transaction

from danhmuc.identifiers import phone as checked_phone
from danhmuc.text import fold
from hoso.models import Notice
from hoso.services import notices
from portal.services import limits, lookup, tracking

KEYWORD = "tc"
WINDOW = timedelta(hours=1)
BY_NUMBER = 10
HELP = "Soạn TC <mã hồ sơ>, ví dụ TC H44.27-261008-0027. Nhắn từ số khác số đã khai: thêm 4 số cuối căn cước hoặc điện thoại của người nộp."
NOT_FOUND = (
    "Không có hồ sơ với mã này và số điện thoại hoặc 4 số này. Kiểm tra lại mã trên giấy hẹn, hoặc gọi 1022."
)


@transaction.atomic
def receive(*, identifier: str, sender: str, text: str) -> bool:
    """Answer one incoming message; False when it was answered before or its sender asks too often.

    `identifier` is the carrier's own of the message, `sender` the telephone it came from.
    Raises ValueError for a sender that is no Vietnamese telephone number.
    """
    number = checked_phone(sender)
    key = f"sms-den:{identifier}"[:120]
    if Notice.objects.filter(key=key).exists():
        return False
    if limits.count(f"sms-den:so:{number}", WINDOW) > BY_NUMBER:
        return False
    return notices.tell_person(
        "sms_lookup", key=key, channel=Notice.Channel.SMS, address=number, degree=answer(number, text)
    )


def last_answer(sender: str) -> str:
    """What a telephone was told last, for those who try it out."""
    sent = Notice.objects.filter(address=checked_phone(sender), template="sms_lookup").order_by("-pk").first()
    return str(sent.context["degree"]) if sent else ""


def answer(number: str, text: str) -> str:
    """What a message from a telephone is told. Nothing personal, and nothing that tells right codes from wrong ones."""
    words = text.split()
    if len(words) < 2 or fold(words[0]) != KEYWORD:
        return HELP
    digits = words[-1] if re.fullmatch(r"\d{4}", words[-1]) and len(words) > 2 else number[-4:]
    code = "".join(words[1:-1] if digits == words[-1] and len(words) > 2 else words[1:])
    try:
        dossier = lookup.find(code, digits, address=f"sms:{number}")
    except lookup.TooMany:
        return "Đã tra cứu nhiều lần. Hãy thử lại sau 10 phút."
    if dossier is None:
        return NOT_FOUND
    return f"Hồ sơ {dossier.public_code}: {tracking.tags(dossier)[0]['text']}. {tracking.degree(dossier)}."
