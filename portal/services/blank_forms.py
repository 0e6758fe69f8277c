"""A procedure's form to print and fill in by hand: the same questions, title and legal source as the electronic one."""

import hashlib
import logging
import re
from typing import Any

from django.db import connection, transaction
from django.template.loader import get_template
from django.utils import timezone

from danhmuc import lists
from danhmuc.models import Procedure, ProcedureVersion
from hoso.services import printing
from portal.models import BlankForm

logger = logging.getLogger(__name__)

TEMPLATE = "portal/papers/blank_form.html"
#: Longer lists (peoples, countries, communes) are written by hand.
MOST_BOXES = 8
#: Dotted lines for answers that need room, rows of a table that repeats.
LONG_LINES, EMPTY_ROWS = 3, 4
#: Columns of a repeating table that a sheet has room for; further questions go below it.
MOST_COLUMNS = 5


_NUMBER = re.compile(r"^([0-9]+|[IVX]+)[.)]\s+")


class NoForm(Exception):
    """The catalogue holds no form of this procedure's own."""


def has_form(version: ProcedureVersion) -> bool:
    """Whether there is a form to download: one of the procedure's own, not the common questions."""
    return bool(version.eform.get("own") and version.eform.get("sections"))


def pdf_of(version: ProcedureVersion) -> bytes:
    """The PDF, made once and kept; whoever asks at the same moment waits for the one being made. NoForm."""
    if not has_form(version):
        raise NoForm
    layout = _layout()
    kept = BlankForm.objects.filter(version=version, layout=layout).first()
    if kept is None:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_xact_lock(hashtext('portal_blank_form'), %s)", [version.pk]
                )
            kept = BlankForm.objects.filter(version=version, layout=layout).first()
            if kept is None:
                kept, _ = BlankForm.objects.update_or_create(
                    version=version,
                    defaults={
                        "layout": layout,
                        "pdf": printing.render(TEMPLATE, facts(version)),
                        "made_at": timezone.now(),
                    },
                )
    return bytes(kept.pdf)


def make_missing() -> int:
    """Make the forms nobody has asked for yet, so that nobody has to wait; how many. One that fails stops no other."""
    made = 0
    kept = BlankForm.objects.filter(layout=_layout()).values("version")
    current = Procedure.objects.for_people().filter(current__eform__own=True).values("current")
    for version in (
        ProcedureVersion.objects.filter(pk__in=current).exclude(pk__in=kept).select_related("procedure")[:200]
    ):
        try:
            pdf_of(version)
            made += 1
        except Exception:
            logger.exception("Chưa lập được mẫu để trống của bản thủ tục %s", version.pk)
    return made


def facts(version: ProcedureVersion) -> dict[str, Any]:
    """What the paper says, as plain data."""
    form = version.eform
    return {
        "title": form["title"],
        "form_no": form.get("form_no") or "",
        "legal_source": form.get("legal_source") or "",
        "procedure": version.name,
        "code": "",
        "procedure_code": version.procedure.code,
        "agency": version.executing,
        "sections": [_section(section) for section in form["sections"]],
        "declaration": form.get("declaration", ""),
        "checked": form.get("verified") in {"law_text", "form_read"},
    }


def _section(section: dict[str, Any]) -> dict[str, Any]:
    labels = {field["key"]: field["label"] for field in section["fields"]}
    return {
        # Some forms number their parts themselves.
        "title": _NUMBER.sub("", section["title"]),
        "fields": [_field(field, labels) for field in section["fields"] if field["type"] != "file_ref"],
    }


def _field(field: dict[str, Any], labels: dict[str, str]) -> dict[str, Any]:
    kind, boxes = "line", list[str]()
    if field["type"] == "group":
        inner = [one for one in field["fields"] if one["type"] != "file_ref"]
        return {
            "kind": "table",
            "label": field["label"],
            "note": "",
            "columns": [one["label"] for one in inner[:MOST_COLUMNS]],
            "rows": EMPTY_ROWS,
            "more": [one["label"] for one in inner[MOST_COLUMNS:]],
        }
    if field["type"] == "yesno":
        kind, boxes = "boxes", ["Có", "Không"]
    elif field["type"] in {"choice", "multichoice"}:
        choices = [label for _, label in lists.choices_of(field)]
        if len(choices) <= MOST_BOXES:
            kind, boxes = "boxes", choices
    elif field["type"] == "date":
        kind = "date"
    elif field["type"] in {"longtext", "address"}:
        kind = "lines"
    condition = field.get("show_if") or {}
    about = labels.get(condition.get("field", ""), "")
    return {
        "kind": kind,
        "label": field["label"],
        "boxes": boxes,
        "lines": range(LONG_LINES if field["type"] == "longtext" else 2),
        "note": f"điền tùy trả lời ở mục “{about}”" if about else "",
    }


def _layout() -> str:
    """Marks the template a PDF was made from, so that a new layout makes new PDFs."""
    source = get_template(TEMPLATE).template.source  # type: ignore[attr-defined]
    return hashlib.sha256(source.encode()).hexdigest()[:16]
