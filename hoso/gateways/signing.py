"""Digital signatures on PDF (PAdES): a real signer from PKCS#12 files, and one for demonstrations that says so.

Profile B-B, or B-T when a time-stamp service is configured; no legal text names one (domain §14.3).
"""

import fcntl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings

from hoso.gateways.opening import signatures
from hoso.gateways.opening.signatures import DEMO_LABEL

ORGANISATION, PERSON = "organisation", "person"


class CannotSign(Exception):
    """The signer is configured and did not answer; the paper is tried again later."""


@dataclass(frozen=True)
class Identity:
    """Who signs: `key` finds the certificate (an agency's key, a username), `name` is for people."""

    kind: str
    key: str
    name: str


class Signer(Protocol):
    """Puts one signature on a PDF."""

    def can_sign(self, who: Identity) -> bool:
        """Whether there is a certificate for this identity."""
        ...

    def sign(self, pdf: bytes, who: Identity, *, reason: str) -> bytes:
        """The PDF with one signature more; earlier ones stay valid. Raises CannotSign."""
        ...


class P12Signer:
    """Certificates in PKCS#12 files: `<key>.p12` of an agency or officer in SIGNING_P12_DIR, else SIGNING_P12 for
    organisations. A person without a file signs with an own device before uploading.
    """

    def can_sign(self, who: Identity) -> bool:
        """Whether a file for this identity exists."""
        return self._file(who) is not None

    def sign(self, pdf: bytes, who: Identity, *, reason: str) -> bytes:
        """Sign with the identity's own file."""
        path = self._file(who)
        if path is None:
            raise CannotSign(f"Không có chứng thư số của {who.name}.")
        return _sign(pdf, path, settings.SIGNING_P12_PASSWORD, who, reason)

    def _file(self, who: Identity) -> Path | None:
        if settings.SIGNING_P12_DIR:
            own = Path(settings.SIGNING_P12_DIR) / f"{Path(who.key).name}.p12"
            if own.is_file():
                return own
        return Path(settings.SIGNING_P12) if who.kind == ORGANISATION and settings.SIGNING_P12 else None


class DemoSigner:
    """Certificates of a certification authority made on this machine, labelled as worth nothing in law."""

    def can_sign(self, who: Identity) -> bool:
        """Anybody may sign in a demonstration."""
        return True

    def sign(self, pdf: bytes, who: Identity, *, reason: str) -> bytes:
        """Sign with a certificate made on first need."""
        return _sign(pdf, _demo_certificate(who), "", who, f"{DEMO_LABEL}. {reason}")


class NoSigner:
    """A deployment without certificates: papers are filed unsigned, and their page says so."""

    def can_sign(self, who: Identity) -> bool:
        """Never."""
        return False

    def sign(self, pdf: bytes, who: Identity, *, reason: str) -> bytes:
        """Refuses."""
        raise CannotSign("Hệ thống chưa cấu hình chữ ký số.")


def signer() -> Signer:
    """The signer of this deployment."""
    if settings.SIGNING_P12 or settings.SIGNING_P12_DIR:
        return P12Signer()
    return DemoSigner() if settings.DEV else NoSigner()


def _sign(pdf: bytes, p12: Path, password: str, who: Identity, reason: str) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import PdfSignatureMetadata, sign_pdf
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.timestamps import HTTPTimeStamper

    certificate = _load(p12, password, p12.stat().st_mtime_ns)
    stamper = HTTPTimeStamper(settings.SIGNING_TSA_URL, timeout=10) if settings.SIGNING_TSA_URL else None
    metadata = PdfSignatureMetadata(
        field_name=f"{'ToChuc' if who.kind == ORGANISATION else 'CaNhan'}-{datetime.now(UTC):%Y%m%d%H%M%S%f}",
        reason=reason,
        name=who.name,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
    )
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
        return sign_pdf(writer, metadata, signer=certificate, timestamper=stamper).getvalue()
    except (
        Exception
    ) as error:  # pyHanko, its time-stamp client and odd uploads fail in many ways; one is enough here
        raise CannotSign(f"{type(error).__name__}: {error}") from error


@lru_cache(maxsize=64)
def _load(p12: Path, password: str, _changed: int) -> Any:
    from pyhanko.sign.signers import SimpleSigner

    certificate = SimpleSigner.load_pkcs12(str(p12), passphrase=password.encode() if password else None)
    if certificate is None:
        raise CannotSign(f"Không mở được chứng thư {p12.name}: sai mật khẩu hoặc tệp hỏng.")
    return certificate


# --- Demonstration certificates -------------------------------------------------------------------


def demo_root() -> Path:
    """The demonstration authority's certificate (PEM), made once for this VAR_DIR."""
    folder = Path(settings.VAR_DIR) / "pki"
    root = folder / "ca.pem"
    if not root.is_file():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (folder / ".gate").open("a") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            if not root.is_file():
                _make_root(folder)
    return root


def _demo_certificate(who: Identity) -> Path:
    root = demo_root()
    path = root.with_name(f"{who.kind}-{Path(who.key).name}.p12")
    if not path.is_file():
        with (root.parent / ".gate").open("a") as gate:
            fcntl.flock(gate, fcntl.LOCK_EX)
            if not path.is_file():
                _make_leaf(root, path, who)
    return path


def _subject(common_name: str) -> Any:
    from cryptography import x509
    from cryptography.x509.oid import NameOID

    parts = [
        (NameOID.COUNTRY_NAME, "VN"),
        (NameOID.ORGANIZATION_NAME, DEMO_LABEL),
        (NameOID.COMMON_NAME, _fit(common_name)),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _fit(name: str) -> str:
    """A name within the 64 bytes a certificate gives it: usual abbreviations first, then cut at a letter."""
    for long, short in (("Trung tâm Phục vụ hành chính công", "TTPVHCC"), ("Ủy ban nhân dân", "UBND")):
        if len(name.encode()) > 64:
            name = name.replace(long, short)
    return name.encode()[:64].decode(errors="ignore").strip()


def _builder(subject: Any, issuer: Any, key: Any, *, authority: bool) -> Any:
    from cryptography import x509

    now = datetime.now(UTC)
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=3650))  # demonstrations replay years of history
        .not_valid_after(now + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority,
                content_commitment=not authority,
                key_cert_sign=authority,
                crl_sign=authority,
                **usage,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _write(path: Path, data: bytes) -> None:
    """Readable by the owner alone, there in full or not at all."""
    draft = path.with_suffix(".moi")
    draft.touch(mode=0o600)
    draft.write_bytes(data)
    draft.rename(path)


def _make_root(folder: Path) -> None:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(65537, 2048)
    name = _subject("TRÌNH DIỄN – Tổ chức chứng thực")
    certificate = _builder(name, name, key.public_key(), authority=True).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(folder / "ca.key", private)
    _write(folder / "ca.pem", certificate.public_bytes(serialization.Encoding.PEM))


def _make_leaf(root: Path, path: Path, who: Identity) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import pkcs12

    authority = x509.load_pem_x509_certificate(root.read_bytes())
    authority_key: Any = serialization.load_pem_private_key(root.with_name("ca.key").read_bytes(), None)
    key = rsa.generate_private_key(65537, 2048)
    certificate = _builder(
        _subject(f"TRÌNH DIỄN – {who.name}"), authority.subject, key.public_key(), authority=False
    ).sign(authority_key, hashes.SHA256())
    _write(
        path,
        pkcs12.serialize_key_and_certificates(
            who.name.encode()[:60], key, certificate, [authority], serialization.NoEncryption()
        ),
    )


# --- Signatures on files that come in -------------------------------------------------------------


def trust_roots() -> list[Path]:
    """Roots we trust: those of SIGNING_TRUST_ROOTS (PEM files or folders), in a demonstration its own."""
    files: list[Path] = []
    for entry in settings.SIGNING_TRUST_ROOTS:
        path = Path(entry)
        files += sorted(path.glob("*.pem")) if path.is_dir() else [path]
    if settings.DEV:
        files.append(demo_root())
    return files


def validate(path: Path) -> list[dict[str, Any]]:
    """What the signatures of a PDF of our own say; a stranger's file is read by `opener`."""
    return signatures.read(path, roots=[str(root) for root in trust_roots()])
