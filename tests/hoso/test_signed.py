"""Signatures on files that come in: real ones, by an authority made here, and what is said of each (domain §14.3)."""

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import time_machine
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, sign_pdf
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from hoso import tasks
from hoso.models import Document
from hoso.services import documents, signed
from tests.factories import World, draft, walk
from tests.page import Visitor

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
SIGNER = "Trần Văn Ký"


@dataclass
class Maker:
    """A certificate with its key: an authority's or a signer's."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def made(
    name: str,
    by: Maker | None = None,
    *,
    authority: bool = False,
    begins: datetime = NOW - 400 * DAY,
    ends: datetime = NOW + 400 * DAY,
    crl: str = "",
    stamps: bool = False,
) -> Maker:
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Công ty thử"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
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
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if by:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
        builder = builder.add_extension(identifier, critical=False)
    if crl:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(crl)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    if stamps:
        use = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(use, critical=True)
    return Maker(builder.sign(by.key if by else key, hashes.SHA256()), key)


def asn1(maker: Maker) -> tuple[asn1_x509.Certificate, asn1_keys.PrivateKeyInfo]:
    encoding, bare = serialization.Encoding.DER, serialization.NoEncryption()
    return (
        asn1_x509.Certificate.load(maker.certificate.public_bytes(encoding)),
        asn1_keys.PrivateKeyInfo.load(
            maker.key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, bare)
        ),
    )


def signed_pdf(signer: Maker, *, at: datetime | None = None, stamp: Maker | None = None) -> bytes:
    """A page with a signature, made at this moment by the signer's clock."""
    page = pikepdf.new()
    page.add_blank_page(page_size=(420, 595))
    out = BytesIO()
    page.save(out)
    certificate, key = asn1(signer)
    who = SimpleSigner(certificate, key, SimpleCertificateStore())
    about = PdfSignatureMetadata(field_name="ChuKy", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    stamper = None
    if stamp is not None:
        tsa, tsa_key = asn1(stamp)
        stamper = DummyTimeStamper(tsa, tsa_key, SimpleCertificateStore(), fixed_dt=at)
    with time_machine.travel(at or datetime.now(UTC), tick=False):
        writer = IncrementalPdfFileWriter(BytesIO(out.getvalue()))
        data: bytes = sign_pdf(writer, about, signer=who, timestamper=stamper).getvalue()
    return data


@pytest.fixture(scope="module")
def root() -> Maker:
    """The authority this deployment trusts."""
    return made("Tổ chức chứng thực thử", authority=True, begins=NOW - 3000 * DAY, ends=NOW + 3000 * DAY)


@pytest.fixture(autouse=True)
def _trusted(settings, root: Maker, tmp_path: Path) -> None:
    path = tmp_path / "goc.pem"
    path.write_bytes(root.pem())
    settings.SIGNING_TRUST_ROOTS = [str(path)]


def altered(root: Maker) -> bytes:
    data = signed_pdf(made(SIGNER, root))
    at = data.index(b"/MediaBox")
    return data[:at] + data[at:].replace(b"420", b"520", 1)


def added(root: Maker) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(signed_pdf(made(SIGNER, root))))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/MediaBox"][2] = type(page["/MediaBox"][2])(300)
    writer.update_container(page)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def late(root: Maker) -> bytes:
    return signed_pdf(made(SIGNER, root, ends=NOW - 10 * DAY), at=NOW - DAY)


def early(root: Maker) -> bytes:
    return signed_pdf(made(SIGNER, root, begins=NOW - 10 * DAY), at=NOW - 20 * DAY)


def since(root: Maker) -> bytes:
    return signed_pdf(made(SIGNER, root, ends=NOW - 10 * DAY), at=NOW - 20 * DAY)


def stamped(root: Maker) -> bytes:
    stamp = made("Dấu thời gian", root, stamps=True)
    return signed_pdf(made(SIGNER, root, ends=NOW - 10 * DAY), at=NOW - 20 * DAY, stamp=stamp)


def stranger(root: Maker) -> bytes:
    return signed_pdf(made(SIGNER, made("Tổ chức lạ", authority=True)))


def own(root: Maker) -> bytes:
    return signed_pdf(made(SIGNER))


def good(root: Maker) -> bytes:
    return signed_pdf(made(SIGNER, root))


@pytest.mark.parametrize(
    ("make", "problem", "level", "says"),
    [
        (good, "", "ok", f"Chữ ký số của {SIGNER} hợp lệ, ký lúc"),
        (altered, "altered", "late", "nội dung tệp đã bị thay đổi so với lúc ký"),
        (added, "added", "late", f"thêm hoặc sửa sau khi {SIGNER} ký"),
        (late, "expired_at_signing", "late", "đã hết hạn ngày"),
        (early, "not_yet_valid", "late", "kiểm tra đồng hồ máy và ký lại"),
        (since, "expired_since", "soon", "không có dấu thời gian"),
        (stamped, "", "ok", "hợp lệ, ký lúc"),
        (stranger, "unknown_issuer", "soon", "chưa xác minh được tổ chức cấp chứng thư (Tổ chức lạ)"),
        (own, "self_made", "soon", "dùng chứng thư tự tạo"),
    ],
    ids=lambda value: value.__name__ if callable(value) else None,
)
def test_what_is_wrong_with_a_signature_is_said_and_blocks_nobody(
    w: World, root: Maker, visit: Visitor, make: Any, problem: str, level: str, says: str
) -> None:
    dossier = draft(w, paper=False)
    component = w.version.components.get(order=2)
    upload = SimpleUploadedFile("don.pdf", make(root))
    document = documents.attach(dossier.pk, upload, by=w.citizen, component=component)
    (found,) = document.signatures
    assert (found["problem"], found["signer"]) == (problem, SIGNER)
    (said,) = signed.words(document.signatures)
    assert (said.level, says in said.text) == (level, True), said.text
    assert says in visit(f"/nop-ho-so/{dossier.submission_ref}/giay-to/", w.citizen).text
    walk(w, dossier, "submit")
    assert says in visit(f"/mot-cua/ho-so/{dossier.submission_ref}/", w.desk_officer).text


def test_a_signature_nobody_can_read_is_said_to_be_so() -> None:
    data = signed_pdf(made(SIGNER))
    at = data.index(b"/Contents <") + 20
    received = documents.receive(SimpleUploadedFile("don.pdf", data[:at] + b"0" * 3000 + data[at + 3000 :]))
    assert [s["problem"] for s in received.signatures] == ["unreadable"]
    assert signed.words(received.signatures)[0].level == "late"


# -- Revocation ------------------------------------------------------------------------------------------------


@pytest.fixture
def authority_online(root: Maker) -> Iterator[tuple[str, list[int]]]:
    """The authority's list of revoked certificates at an address of this machine; numbers put into it are revoked."""
    revoked: list[int] = []

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            moment = datetime.now(UTC)
            builder = (
                x509.CertificateRevocationListBuilder()
                .issuer_name(root.certificate.subject)
                .last_update(moment - timedelta(hours=1))
                .next_update(moment + DAY)
                .add_extension(
                    x509.AuthorityKeyIdentifier.from_issuer_public_key(root.key.public_key()), critical=False
                )
                .add_extension(x509.CRLNumber(1), critical=False)
            )
            for number in revoked:
                gone = x509.RevokedCertificateBuilder().serial_number(number)
                builder = builder.add_revoked_certificate(gone.revocation_date(NOW - 5 * DAY).build())
            body = builder.sign(root.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
            self.send_response(200)
            self.send_header("Content-Type", "application/pkix-crl")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/thu-hoi.crl", revoked
        server.shutdown()


@pytest.mark.parametrize("is_revoked", [True, False])
def test_the_issuer_is_asked_behind_the_page(
    w: World, root: Maker, authority_online: tuple[str, list[int]], is_revoked: bool
) -> None:
    address, revoked = authority_online
    signer = made(SIGNER, root, crl=address)
    if is_revoked:
        revoked.append(signer.certificate.serial_number)
    upload = SimpleUploadedFile("don.pdf", signed_pdf(signer))
    document = documents.attach(draft(w, paper=False).pk, upload, by=w.citizen)
    assert "Chưa hỏi được nơi cấp" in signed.words(document.signatures)[0].text
    tasks.ask_issuers()
    document.refresh_from_db()
    (said,) = signed.words(document.signatures)
    assert document.ask_issuer_at is None
    assert ("đã bị nơi cấp thu hồi" in said.text) is is_revoked
    assert said.level == ("late" if is_revoked else "ok")
    assert "Chưa hỏi được" not in said.text


def test_an_issuer_that_does_not_answer_is_asked_again_for_a_day(w: World, root: Maker) -> None:
    signer = made(SIGNER, root, crl="http://127.0.0.1:9/thu-hoi.crl")
    upload = SimpleUploadedFile("don.pdf", signed_pdf(signer))
    document = documents.attach(draft(w, paper=False).pk, upload, by=w.citizen)
    tasks.ask_issuers()
    document.refresh_from_db()
    assert document.signatures[0]["revocation"] == "unknown"
    assert document.ask_issuer_at
    assert document.ask_issuer_at > timezone.now()
    with time_machine.travel(timezone.now() + timedelta(hours=25), tick=True):
        tasks.ask_issuers()
    document.refresh_from_db()
    assert document.ask_issuer_at is None


def test_a_strangers_certificate_sends_us_nowhere(w: World, authority_online: tuple[str, list[int]]) -> None:
    signer = made(SIGNER, made("Tổ chức lạ", authority=True), crl=authority_online[0])
    upload = SimpleUploadedFile("don.pdf", signed_pdf(signer))
    document = documents.attach(draft(w, paper=False).pk, upload, by=w.citizen)
    assert document.ask_issuer_at is None
    assert not Document.objects.exclude(ask_issuer_at=None).exists()
