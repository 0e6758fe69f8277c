"""Files that came with a page whose words still need mending: kept by their hash, named by a signed slip in the page.

No row names them until the item is sent, so bytes nobody comes back for go with the nightly sweep.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from hoso.services import documents
from hoso.services.documents import Received
from hoso.services.errors import Refused
from portal.services import limits
from portal.services.feedback.intake import AN_HOUR

SALT = "portal.feedback.file"
#: Files one network address may store here without signing in.
BY_ADDRESS = 40


@dataclass
class Taken:
    """Files stored and judged, and why others were not."""

    files: list[Received] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def slips(self) -> list[dict[str, Any]]:
        """For the page: the name a person reads and the slip that stands for the file."""
        return [{"name": f.name, "size": f.size, "slip": _slip(f)} for f in self.files]


def take(uploads: Sequence[UploadedFile], slips: Iterable[str], *, most: int, address: str | None) -> Taken:
    """Files of an earlier look (their slips) and new ones; those that cannot be taken are told, one by one.

    `address` bounds what a stranger may store; None for people who are signed in.
    """
    taken = Taken([found for slip in list(slips)[:most] if (found := _read(slip)) is not None])
    for upload in uploads:
        if len(taken.files) >= most:
            taken.problems.append(_("Chỉ gửi được nhiều nhất %(n)d tệp; bỏ bớt tệp ít cần hơn") % {"n": most})
            break
        if address is not None and limits.count(f"phan-anh:tep:{address}", AN_HOUR) > BY_ADDRESS:
            taken.problems.append(_("Từ mạng này vừa gửi nhiều tệp. Hãy đăng nhập, hoặc thử lại sau một giờ"))
            break
        try:
            taken.files.append(documents.receive(upload))
        except Refused as error:
            taken.problems.append(error.told)
    return taken


def _slip(file: Received) -> str:
    return signing.dumps([file.name, file.sha256, file.size, file.media_type, file.pages], salt=SALT)


def _read(slip: str) -> Received | None:
    try:
        name, sha256, size, media_type, pages = signing.loads(slip, salt=SALT, max_age=12 * 3600)
    except (signing.BadSignature, ValueError):
        return None
    return Received(name, sha256, size, media_type, pages, [])
