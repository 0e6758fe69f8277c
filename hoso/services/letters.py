"""Correspondence about a dossier: the applicant with the desk, and only the desk with the applicant.

Nobody outside the desk may ask the applicant for papers (NĐ118 Art 5.1e), so nobody else writes here; a letter is no
request for supplement and stops no clock.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import User
from hoso import access
from hoso.lifecycle import State
from hoso.models import Dossier, Letter, Notice
from hoso.services import notices
from hoso.services.errors import Refused

LONGEST = 2000
#: Letters one side may write about one dossier within a day.
A_DAY = 20
#: How long after its end a dossier may still be written about.
OPEN_AFTER_END = timedelta(days=30)


def may_write(dossier: Dossier, user: User) -> bool:
    """Whether this person may write about the dossier now, as its applicant or from its desk."""
    if dossier.state == State.DRAFT:
        return False
    end = dossier.completed_at or dossier.finished_at
    if not dossier.is_open and (end is None or end < timezone.now() - OPEN_AFTER_END):
        return False
    return access.is_own(dossier, user) or access.serves_desk(user, dossier.desk_id)


@transaction.atomic
def write(pk: int, *, by: User, text: str) -> Letter:
    """Write a letter and tell the other side. The same words twice within a minute are one letter (a double press).

    Raises Dossier.DoesNotExist, or Refused when it may not be written, is empty, too long, or one too many that day.
    """
    Dossier.objects.select_for_update().only("pk").get(pk=pk)
    dossier = Dossier.objects.select_related(
        "version", "resolving_agency", "desk__agency", "desk__serves"
    ).get(pk=pk)
    if not may_write(dossier, by):
        raise Refused(_("Hồ sơ này không còn nhận tin trao đổi. Cần hỏi thêm, hãy gọi Bộ phận Một cửa."))
    words = text.strip()
    if not words:
        raise Refused(_("Viết nội dung tin trước khi gửi."))
    if len(words) > LONGEST:
        raise Refused(_("Tin dài quá 2.000 ký tự. Hãy viết gọn lại, hoặc gửi làm hai tin."))
    now, mine = timezone.now(), access.is_own(dossier, by)
    recent = Letter.objects.filter(dossier=dossier, from_applicant=mine, at__gt=now - timedelta(days=1))
    twin = recent.filter(author=by, text=words, at__gt=now - timedelta(minutes=1)).first()
    if twin is not None:
        return twin
    if recent.count() >= A_DAY:
        raise Refused(_("Đã gửi nhiều tin trong ngày. Hãy đợi trả lời, hoặc gọi Bộ phận Một cửa."))
    letter = Letter.objects.create(dossier=dossier, author=by, from_applicant=mine, text=words, at=now)
    key = f"letter:{letter.pk}"
    if mine:
        Notice.objects.create(
            key=f"{dossier.submission_ref}:{key}:o",
            dossier=dossier,
            channel=Notice.Channel.OFFICE,
            address=f"agency:{dossier.desk.serves_id}",
            template="office_letter",
            context={"code": dossier.public_code, "procedure": dossier.version.name, "at": now},
            due_at=now,
        )
    else:
        notices.tell(dossier, "letter", key=key, channels=(Notice.Channel.EMAIL, Notice.Channel.SMS))
    return letter


def read(dossier: Dossier, by: User) -> list[Letter]:
    """All letters of a dossier, oldest first; those addressed to the reader's side are now read."""
    found = list(Letter.objects.filter(dossier=dossier).select_related("author", "read_by").order_by("pk"))
    mine = access.is_own(dossier, by)
    if mine or access.serves_desk(by, dossier.desk_id):
        mark_read((one for one in found if one.from_applicant != mine and one.read_at is None), by)
    return found


def mark_read(letters: Iterable[Letter], by: User) -> None:
    """Note the first reading."""
    unread = [letter.pk for letter in letters]
    if unread:
        Letter.objects.filter(pk__in=unread, read_at=None).update(read_at=timezone.now(), read_by=by)
