"""What pages share that take in files, those of a draft and those of an amendment: boxes, files on their way, rows."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.formats import filesize_vi
from danhmuc.models import User
from hoso.models import AmendmentFile, Dossier, State
from hoso.services import documents, signed
from hoso.services.errors import Refused
from portal import tasks
from portal.models import Upload
from portal.services import papers, uploads
from portal.services.papers import Box, Paged

NOTES = {
    "blurred": gettext_lazy("Ảnh có thể bị mờ. Mở xem; nếu khó đọc chữ thì chụp lại"),
    "small": gettext_lazy("Ảnh nhỏ, chữ có thể khó đọc. Mở xem; nếu khó đọc thì chụp lại gần hơn"),
}


class TakingMixin:
    """A page on which files of a dossier come in."""

    dossier: Dossier
    applicant: User

    @cached_property
    def boxes(self) -> list[Box]:
        """Everything one may upload."""
        return papers.boxes(self.dossier)

    @property
    def limit(self) -> str:
        """The largest file, in words."""
        return f"{settings.UPLOAD_MAX_BYTES // 1024**2} MB"

    def sending(self, **more: Any) -> dict[str, Any]:
        """What static/js/upload.js reads from the form."""
        ref = self.dossier.submission_ref
        return {
            "begin": reverse("portal:upload_begin", kwargs={"ref": ref}),
            "finish": reverse("portal:upload_finish", kwargs={"ref": ref}),
            "most": settings.UPLOAD_MAX_BYTES,
            **more,
        }

    def take(self, box: str, files: Sequence[Any], adding_to: Paged | None = None) -> tuple[int, list[str]]:
        """Take in what came with the form for one box: (how many, what is wrong with the others)."""
        dossier, by = self.dossier, self.applicant
        rows: list[Upload] = []
        wrong: list[str] = []
        for file in files:
            try:
                rows.append(uploads.take_whole(dossier, box, file, by=by, adding_to=adding_to))
            except Refused as error:
                wrong.append(error.told)
        rows = uploads.finish(dossier, [row.key for row in rows], by=by) if rows else []
        for row in rows:
            if row.state == Upload.State.REFUSED:
                wrong.append(uploads.why_refused(row))
                uploads.drop(dossier, row.key, by=by)
        if any(row.state == Upload.State.READY for row in rows):
            tasks.prepare_uploads.delay()
        return len(files) - len(wrong), wrong

    def coming(self) -> list[dict[str, Any]]:
        """Files that are no papers yet: broken off, being looked at, or refused."""
        rows = self.dossier.uploads.exclude(state=Upload.State.DONE).filter(owner=self.applicant)
        return [_coming_row(row) for row in rows]


def preview_url(dossier: Dossier, file: Paged, page: int = 1) -> str:
    """Where the small picture of a page is."""
    name = "amendment_preview" if isinstance(file, AmendmentFile) else "preview"
    return reverse(f"portal:{name}", kwargs={"ref": dossier.submission_ref, "pk": file.pk, "page": page})


def _file_url(dossier: Dossier, file: Paged) -> str:
    name = "amendment_file" if isinstance(file, AmendmentFile) else "file"
    return reverse(f"portal:{name}", kwargs={"ref": dossier.submission_ref, "pk": file.pk})


def _pages_url(dossier: Dossier, file: Paged) -> str:
    """Where its pages are put in order; empty when it has none of ours."""
    known = {"ref": dossier.submission_ref, "pk": file.pk}
    if not papers.may_arrange(file):
        return ""
    if dossier.state == State.DRAFT:
        return reverse("portal:pages", kwargs=known)
    kind = "tep" if isinstance(file, AmendmentFile) else "dang-co"
    return reverse("portal:amend_pages", kwargs={**known, "kind": kind})


def file_row(dossier: Dossier, file: Paged) -> dict[str, Any]:
    """A file on a card: its name and size, what a person should look at, what can be done with it."""
    pages = file.pages or 0
    facts = [filesize_vi(file.size)]
    if file.media_type.endswith("pdf") and pages:
        facts.append(ngettext("%(n)d trang", "%(n)d trang", pages) % {"n": pages})
    if file.source is not None:
        facts.append(_("dùng lại từ hồ sơ %(code)s") % {"code": file.source.dossier.public_code})
    scan = documents.scan_state(file)
    if scan.level in {"ok", "off", "info"}:
        facts.append(scan.text)
    marks = [{"level": scan.level, "text": scan.text}] if scan.level == "late" else []
    marks += [{"level": said.level, "text": said.text} for said in signed.words(file.signatures)]
    for number, original in enumerate(file.originals, start=1):
        if text := NOTES.get(original.get("note", "")):
            which = _("Trang %(n)s") % {"n": number} + ": " if len(file.originals) > 1 else ""
            marks.append({"level": "soon", "text": f"{which}{text}"})
    return {
        "id": file.pk,
        "name": file.name,
        "facts": " · ".join(facts),
        "marks": marks,
        "url": _file_url(dossier, file),
        "thumb": preview_url(dossier, file) if documents.has_preview(file) else "",
        "pages": _pages_url(dossier, file),
    }


def _coming_row(row: Upload) -> dict[str, Any]:
    percent = uploads.offset(row) * 100 // row.size
    if row.state == Upload.State.READY:
        text = _("Đã tải lên đủ, đang xử lý. Xong thì tệp tự hiện ở đây.")
    elif row.state == Upload.State.REFUSED:
        text = uploads.why_refused(row)
    else:
        text = _("Mới tải được %(percent)d%%. Chọn lại đúng tệp này để tải tiếp phần còn lại.") % {
            "percent": percent
        }
    return {
        "key": str(row.key),
        "name": row.name,
        "size": row.size,
        "percent": percent,
        "text": text,
        "busy": row.state == Upload.State.READY,
        "wrong": row.state == Upload.State.REFUSED,
        "box": row.box,
    }
