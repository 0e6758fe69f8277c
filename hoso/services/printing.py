"""Turns a paper's facts into its PDF, signs it and files it. Rendered once, on first need; the bytes are kept.

The beat task files what was just issued; whoever clicks earlier makes it at once. Neither waits for the other's
broker, and a row lock lets the slower one get the faster one's document.
"""

import atexit
import logging
import threading
from datetime import timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.template.loader import render_to_string
from django.utils import timezone, translation

from danhmuc.models import User
from hoso.gateways import signing, store
from hoso.gateways.signing import ORGANISATION, PERSON, Identity
from hoso.models import AccessLog, AgencyTask, Document, Dossier, Paper
from hoso.services import files, papers
from hoso.services.case import write
from hoso.services.documents import Received
from hoso.services.dossiers import locked
from hoso.services.errors import Refused

logger = logging.getLogger(__name__)

#: Older papers nobody asked for (a migrated history) are made when somebody does.
FRESH = timedelta(days=1)
MOST_FAILURES = 20
_ISSUING = AgencyTask.objects.filter(
    dossier=OuterRef("dossier"), kind=AgencyTask.Kind.ISSUE, status__in=["waiting", "sent", "signed_for"]
)
_SIGNED_BY_PERSON = Document.objects.filter(
    dossier=OuterRef("dossier"), kind=Document.Kind.RESULT, number=OuterRef("number"), removed_at=None
)
_rendering = threading.Lock()  # Pango's font map belongs to one thread at a time


def template_of(kind: str) -> str:
    """The template of a kind of paper."""
    return f"hoso/papers/{kind}.html"


def lookup_url(code: str) -> str:
    """What the QR code of a paper opens: the public look-up with the code filled in."""
    return f"{settings.PUBLIC_BASE_URL}/tra-cuu/?ma={code}"


def verify_url(paper: Paper) -> str:
    """What the QR code of a result opens: the public page that says whether it is the one that was issued."""
    if not paper.verify_code:  # issued before results carried one
        return lookup_url(paper.dossier.public_code)
    return f"{settings.PUBLIC_BASE_URL}/xac-minh/{paper.verify_code}/"


def qr_svg(address: str) -> str:
    """A QR code as inline SVG."""
    import segno

    svg: str = segno.make(address, error="m").svg_inline(omitsize=True, border=2)
    return svg


def qr_image(text: str) -> str:
    """A QR code with its quiet zone as inline SVG, for a screen to be photographed."""
    import segno

    svg: str = segno.make(text, error="m", micro=False).svg_inline(omitsize=True, border=4)
    return svg


def render(template: str, facts: dict[str, Any], *, qr_address: str = "") -> bytes:
    """The PDF of a paper template (any app's) with its facts. Needs nothing from the network."""
    from weasyprint import HTML
    from weasyprint.urls import URLFetcher

    if qr_address:
        facts = facts | {"qr_svg": qr_svg(qr_address)}
    with translation.override("vi"):  # a legal form is Vietnamese, whoever asked for it
        page = render_to_string(template, {"facts": facts, "pdf": True})
    with _rendering:
        style, fonts = _style()
        sheet = HTML(
            string=page, base_url=_static_root(), url_fetcher=URLFetcher(allowed_protocols=["file", "data"])
        )
        out: bytes = sheet.write_pdf(stylesheets=[style], font_config=fonts, pdf_tags=True)
    return out


@lru_cache(maxsize=1)
def _style() -> tuple[Any, Any]:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    fonts = FontConfiguration()
    path = finders.find("css/giay-to.css")
    assert isinstance(path, str), "thiếu css/giay-to.css"
    return CSS(filename=path, font_config=fonts, url_fetcher=URLFetcher(allowed_protocols=["file"])), fonts


atexit.register(_style.cache_clear)  # while Pango is still there to let go of its fonts


def _static_root() -> str:
    return f"{Path(settings.BASE_DIR) / 'static'}/"


def signed(pdf: bytes, who: Identity, *, reason: str) -> bytes:
    """The PDF with one more signature where the deployment has a certificate for it, else as it was.

    Raises Refused when there is a certificate and signing failed: a paper is not filed half-signed.
    """
    signer = signing.signer()
    if not signer.can_sign(who):
        return pdf
    try:
        return signer.sign(pdf, who, reason=reason)
    except signing.CannotSign as error:
        logger.error("Không ký số được bằng chứng thư của %s: %s", who.name, error)
        raise Refused(
            "Chưa ký số được văn bản này. Hệ thống sẽ tự thử lại; nếu cần gấp, báo bộ phận kỹ thuật kiểm tra chứng thư số."
        ) from error


def make_signed(
    template: str, facts: dict[str, Any], *, by: User, name: str, reason: str, qr_address: str = ""
) -> Received:
    """A document of another app's: rendered, signed by the person, its bytes kept; what its row has to name.

    Raises Refused when there is a certificate and signing failed.
    """
    pdf = signed(
        render(template, facts, qr_address=qr_address),
        Identity(PERSON, by.username, by.full_name),
        reason=reason,
    )
    return _put(pdf, f"{name}.pdf".replace("/", "-"))


@transaction.atomic
def file(paper: Paper) -> Document:
    """The filed document of a paper, made now if it is not there yet. Whoever comes second gets the first one's.

    A result is signed by the approver as soon as it is decided, and by the organisation once the clerk has issued it
    (NĐ30); until then the document returned carries the personal signature alone. Raises Refused.
    """
    # Locked first and read after: joined columns of a row one had to wait for would be those of before the wait.
    Paper.objects.select_for_update().only("pk").get(pk=paper.pk)
    row = Paper.objects.select_related(
        "document", "issued_by", "dossier__desk__agency", "dossier__desk__serves", "dossier__resolving_agency"
    ).get(pk=paper.pk)
    if row.document is not None:
        return row.document
    document = _file_result(row) if row.kind == Paper.Kind.RESULT else _file_slip(row)
    return document


def _file_slip(paper: Paper) -> Document:
    dossier = paper.dossier
    pdf = render(template_of(paper.kind), paper.facts, qr_address=lookup_url(dossier.public_code))
    by = Identity(ORGANISATION, dossier.desk.agency.key, dossier.desk.agency.name)
    if paper.kind == Paper.Kind.APOLOGY_EXTENSION:
        by = Identity(ORGANISATION, dossier.resolving_agency.key, dossier.resolving_agency.name)
    pdf = signed(pdf, by, reason=f"{paper.get_kind_display()}, hồ sơ {dossier.public_code}")
    return _settle(paper, _keep(paper, pdf, Document.Kind.PAPER, paper.get_kind_display()))


def _file_result(paper: Paper) -> Document:
    dossier = paper.dossier
    agency = dossier.resolving_agency
    first = Document.objects.filter(
        dossier=dossier, kind=Document.Kind.RESULT, number=paper.number, removed_at=None, replaced_by=None
    ).first()
    title = str(paper.facts.get("kind") or paper.get_kind_display())
    if first is None:
        pdf = _result_bytes(paper)
        approver = Identity(PERSON, paper.issued_by.username, paper.issued_by.full_name)
        pdf = signed(pdf, approver, reason=f"Ký {title}, hồ sơ {dossier.public_code}")
        first = _keep(paper, pdf, Document.Kind.RESULT, title)
    if AgencyTask.objects.filter(
        dossier=dossier, kind=AgencyTask.Kind.ISSUE, status__in=["waiting", "sent", "signed_for"]
    ).exists():
        return first
    seal = Identity(ORGANISATION, agency.key, agency.name)
    if not signing.signer().can_sign(seal):
        return _settle(paper, first)
    pdf = signed(store.read(first.sha256), seal, reason=f"Phát hành {title}, hồ sơ {dossier.public_code}")
    final = _keep(paper, pdf, Document.Kind.RESULT, title)
    first.replaced_by = final
    first.save(update_fields=["replaced_by"])
    return _settle(paper, final)


def _result_bytes(paper: Paper) -> bytes:
    """The file the officer prepared, untouched, or the generic form."""
    draft = paper.facts.get("draft_sha256")
    if not draft:
        return render(template_of(paper.kind), paper.facts, qr_address=verify_url(paper))
    try:
        return store.read(draft)
    except FileNotFoundError:
        raise Refused(
            f"Không đọc được tệp dự thảo trong kho lưu. Báo bộ phận kỹ thuật kèm mã {draft[:12]}."
        ) from None


def _put(pdf: bytes, name: str) -> Received:
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as opened:
        pages = len(opened.pages)
    kept = store.put(pdf)
    return Received(
        name=files.clean_name(name, files.PDF),
        sha256=kept.sha256,
        size=kept.size,
        media_type=files.PDF,
        pages=pages,
        signatures=signing.validate(store.path_of(kept.sha256)) if b"/ByteRange" in pdf else [],
    )


def _keep(paper: Paper, pdf: bytes, kind: str, title: str) -> Document:
    kept = _put(pdf, f"{title} {paper.number}".strip().replace("/", "-") + ".pdf")
    draft = paper.facts.get("draft_sha256")
    verdict = Document.Verdict.CLEAN  # made here from our own template
    if draft:
        source = paper.dossier.documents.filter(sha256=draft).order_by("-pk").first()
        verdict = Document.Verdict(source.virus_check) if source else Document.Verdict.UNCHECKED
    return Document.objects.create(
        dossier=paper.dossier,
        kind=kind,
        name=kept.name,
        title=title,
        copy_kind=Document.CopyKind.ORIGINAL,
        sha256=kept.sha256,
        size=kept.size,
        media_type=kept.media_type,
        pages=kept.pages,
        number=paper.number,
        issued_on=timezone.localdate(paper.issued_at),
        signatures=kept.signatures,
        virus_check=verdict,
        added_by=paper.issued_by,
        added_at=timezone.now(),
    )


def _settle(paper: Paper, document: Document) -> Document:
    paper.document = document
    paper.save(update_fields=["document"])
    return document


def file_waiting(*, limit: int = 20) -> int:
    """File papers just issued, oldest first, each in a transaction of its own. Answers how many were filed.

    A paper that cannot be made is tried again later, a limited number of times; the others go on.
    """
    filed, seen = 0, set[int]()
    for _ in range(limit):
        with transaction.atomic():
            paper = (
                Paper.objects.select_for_update(of=["self"], skip_locked=True)
                .filter(
                    document=None, issued_at__gte=timezone.now() - FRESH, filing_failures__lt=MOST_FAILURES
                )
                # A result the approver has signed waits for the clerk; there is nothing to do until then.
                .exclude(Q(kind=Paper.Kind.RESULT) & Exists(_ISSUING) & Exists(_SIGNED_BY_PERSON))
                .exclude(pk__in=seen)
                .order_by("issued_at")
                .first()
            )
            if paper is None:
                break
            seen.add(paper.pk)
            try:
                with transaction.atomic():
                    file(paper)
                filed += 1
            except Exception:
                # Whatever is wrong with one paper (a missing template, a broken certificate) must not stop the rest.
                logger.exception("Chưa tạo được tệp của phiếu %s", paper.pk)
                Paper.objects.filter(pk=paper.pk).update(filing_failures=F("filing_failures") + 1)
    return filed


@transaction.atomic
def issue_on_demand(pk: int, kind: str, *, by: User) -> Paper:
    """The control slip or the transfer slip as things stand now; each printing is a paper of its own.

    Raises Dossier.DoesNotExist or Refused (not one of these two, or nothing to control yet).
    """
    if kind not in {Paper.Kind.CONTROL_SLIP, Paper.Kind.TRANSFER_SLIP}:
        raise Refused("Phiếu này được lập tự động ở bước tương ứng, không lập theo yêu cầu.")
    case = locked(pk)
    if not (by.is_officer and Dossier.objects.visible_to(by).filter(pk=pk).exists()):
        raise Dossier.DoesNotExist
    if case.dossier.accepted_at is None or case.last is None:
        raise Refused("Hồ sơ chưa được tiếp nhận nên chưa có phiếu kiểm soát, phiếu chuyển.")
    case.dossier.acting_at = at = timezone.now()
    paper = papers.add(case, case.last, Paper.Kind(kind), by=by, at=at)
    write([case])
    return paper


def reprint(paper: Paper, *, by: User, ip: str | None) -> bytes:
    """A slip printed once more: marked as such, counted and logged. The filed original stays what it is."""
    with transaction.atomic():
        row = Paper.objects.select_for_update(of=["self"]).select_related("dossier").get(pk=paper.pk)
        if row.kind == Paper.Kind.RESULT:
            raise Refused("Kết quả không in lại từ nội dung; tải bản đã ký số.")
        row.reprints += 1
        row.save(update_fields=["reprints"])
        AccessLog.objects.create(
            user=by,
            dossier=row.dossier,
            what="in lại phiếu",
            detail=f"{row.get_kind_display()} {row.number}, lần {row.reprints}"[:160],
            ip=ip,
            at=timezone.now(),
        )
    code = row.dossier.public_code
    return render(template_of(row.kind), row.facts | {"reprint": row.reprints}, qr_address=lookup_url(code))


def papers_of(dossier: Dossier) -> list[Paper]:
    """The papers of a dossier for a page, newest first, with their documents if already filed."""
    return list(dossier.papers.select_related("document").order_by("-pk"))
