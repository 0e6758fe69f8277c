"""What the signatures of a PDF say (domain §14.3): signer, time, chain, revocation, integrity, as plain data.

Nothing is fetched from outside unless asked, and then only for a chain that ends at a root we trust: the addresses in
a certificate anybody can make would let strangers send this server wherever they like.
"""

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

DEMO_LABEL = "CHỮ KÝ TRÌNH DIỄN – không có giá trị pháp lý"
#: Problems, worst first. Those before the gap make a signature invalid, the rest leave it unsure.
INVALID = ("unreadable", "altered", "added", "revoked", "expired_at_signing", "not_yet_valid")
UNSURE = ("self_made", "unknown_issuer", "expired_since", "weak")

logger = logging.getLogger(__name__)


def read(path: Path, *, roots: list[str], ask: bool = False) -> list[dict[str, Any]]:
    """Every signature on the file. `ask`: also ask the issuer whether a trusted certificate was revoked."""
    from pyhanko.keys import load_certs_from_pemder
    from pyhanko.pdf_utils.reader import PdfFileReader

    trusted = list(load_certs_from_pemder(roots))
    found = []
    try:
        with path.open("rb") as file:
            reader = PdfFileReader(file, strict=False)
            kept = _revocation_inside(reader)
            for embedded in reader.embedded_regular_signatures:
                found.append(_one(embedded, trusted, kept, ask))
    except Exception as error:  # a forged or odd file must not break taking it in; it is reported instead
        logger.warning("Không đọc được chữ ký số của %s: %s", path.name, error)
        found.append({**_NOTHING})
    return found


_NOTHING: dict[str, Any] = {
    "signer": "",
    "organisation": "",
    "issuer": "",
    "at": None,
    "stamped": False,
    "expires": None,
    "intact": False,
    "trusted": False,
    "covers_all": False,
    "revocation": "unknown",
    "askable": False,
    "demo": False,
    "problem": "unreadable",
}


def _revocation_inside(reader: Any) -> dict[str, Any]:
    """Answers about revocation that the signer's program put into the file."""
    from pyhanko.sign.validation.dss import DocumentSecurityStore

    try:
        context = DocumentSecurityStore.read_dss(reader).as_validation_context({})
    except Exception:  # none inside, or unreadable: the signature stands without it
        return {}
    manager = context.revinfo_manager
    return {"crls": list(manager.crls), "ocsps": list(manager.ocsps)}


def _one(embedded: Any, roots: list[Any], kept: dict[str, Any], ask: bool) -> dict[str, Any]:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    certificate = embedded.signer_cert
    claimed = embedded.self_reported_timestamp
    now = datetime.now(UTC)
    begins, ends = certificate.not_valid_before, certificate.not_valid_after
    # The chain is judged at a moment the certificate was good, so that "expired" and "unknown" are told apart.
    moment = min(max(now, begins), ends)
    plain = {"trust_roots": roots, "allow_fetching": False, "moment": moment, **kept}
    status = validate_pdf_signature(
        embedded, ValidationContext(**plain), ValidationContext(trust_roots=roots, allow_fetching=False)
    )
    stamp = status.timestamp_validity
    stamped = bool(stamp and stamp.intact and stamp.valid and stamp.trusted)
    at = stamp.timestamp if stamp and stamped else claimed
    clean = status.coverage == SignatureCoverageLevel.ENTIRE_FILE or status.modification_level in {
        ModificationLevel.NONE,
        ModificationLevel.LTA_UPDATES,
        ModificationLevel.FORM_FILLING,
    }
    intact, trusted = bool(status.intact and status.valid), bool(status.trusted)
    revocation = "revoked" if status.revoked else _revocation(embedded, plain, trusted, ask)
    subject, issuer = certificate.subject.native, certificate.issuer.native
    facts = {
        "signer": _text(subject.get("common_name")) or certificate.subject.human_friendly,
        "organisation": _text(subject.get("organization_name")),
        "issuer": _text(issuer.get("common_name")) or _text(issuer.get("organization_name")),
        "at": at.isoformat() if at else None,
        "stamped": stamped,
        "expires": ends.isoformat(),
        "intact": intact,
        "trusted": trusted,
        "covers_all": bool(clean),
        "revocation": revocation,
        # Whether asking the issuer, later or again, may still bring an answer.
        "askable": trusted
        and revocation == "unknown"
        and bool(certificate.crl_distribution_points or certificate.ocsp_urls),
        "demo": subject.get("organization_name") == DEMO_LABEL,
    }
    problem = ""
    if not intact:
        problem = "altered"
    elif not clean:
        problem = "added"
    elif revocation == "revoked":
        problem = "revoked"
    elif (at and at > ends) or (at is None and now > ends):
        problem = "expired_at_signing"
    elif at and at < begins:
        problem = "not_yet_valid"
    elif not trusted:
        problem = "self_made" if certificate.subject == certificate.issuer else "unknown_issuer"
    elif now > ends and not stamped:
        problem = "expired_since"
    elif not status.bottom_line and not (now > ends):
        problem = "weak"
    return {**facts, "problem": problem}


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _revocation(embedded: Any, plain: dict[str, Any], trusted: bool, ask: bool) -> str:
    """good, revoked or unknown."""
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    if not trusted:
        return "unknown"
    tries = [False, True] if ask else [False]
    for fetch in tries:
        context = {**plain, "revocation_mode": "require"}
        if fetch:
            context |= {"allow_fetching": True, "moment": None}
        elif not plain.get("crls") and not plain.get("ocsps"):
            continue
        status = validate_pdf_signature(embedded, ValidationContext(**context), skip_diff=True)
        if status.revoked:
            return "revoked"
        if status.trusted:
            return "good"
    return "unknown"
