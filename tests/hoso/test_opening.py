"""Files strangers send: what each is refused with, word for word, and that nothing they hold brings the reader down."""

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from hoso.gateways import opener
from hoso.gateways.opening import office, pdf, pictures
from hoso.gateways.opening.kinds import HEIF, JPEG, PDF, PNG, WEBP, Unfit, sniff
from hoso.services import documents, files
from hoso.services.errors import Refused
from tests.pictures import photo


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.UPLOAD_MAX_BYTES = 2 * 1024 * 1024
    settings.UPLOAD_MAX_PAGES = 5


# -- Files that are not what they should be --------------------------------------------------------------------


def saved(document: pikepdf.Pdf, **more: object) -> bytes:
    out = io.BytesIO()
    document.save(out, **more)  # type: ignore[arg-type]
    return out.getvalue()


def plain(pages: int = 1) -> pikepdf.Pdf:
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(420, 595))
    return document


def scripted() -> bytes:
    document = plain()
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    return saved(document)


def script_in_a_page() -> bytes:
    document = plain()
    document.pages[0].obj.AA = pikepdf.Dictionary(
        O=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    )
    return saved(document, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def launching() -> bytes:
    document = plain()
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")
    return saved(document)


def carrying() -> bytes:
    document = plain()
    document.attachments["ma-doc.exe"] = pikepdf.AttachedFileSpec(document, b"MZ", filename="ma-doc.exe")
    return saved(document)


def dynamic_form() -> bytes:
    document = plain()
    document.Root.AcroForm = pikepdf.Dictionary(Fields=[], XFA=document.make_stream(b"<xdp/>"))
    return saved(document)


def swelling(size: int = 150_000_000) -> bytes:
    document = plain()
    packed = zlib.compress(bytes(size), 9)
    document.pages[0].obj.Contents = document.make_stream(packed, Filter=pikepdf.Name.FlateDecode)
    return saved(document, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def packed_twice() -> bytes:
    document = plain()
    packed = zlib.compress(zlib.compress(bytes(10_000_000), 9), 9)
    document.pages[0].obj.Contents = document.make_stream(
        packed, Filter=[pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode]
    )
    return saved(document, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)


def huge_picture_inside() -> bytes:
    document = plain()
    picture = document.make_stream(
        b"x",
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=100_000,
        Height=100_000,
        BitsPerComponent=8,
        ColorSpace=pikepdf.Name.DeviceRGB,
    )
    document.pages[0].obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(A=picture))
    return saved(document)


def bomb_in_the_index() -> bytes:
    """An object stream that unpacks to half a gigabyte: read before any page is."""
    packed = zlib.compress(bytes(500_000_000), 9)
    head = b"%%PDF-1.5\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(
        packed
    )
    body = head + packed + b"\nendstream\nendobj\n2 0 obj\n<</Type/Catalog/Pages 5 0 R>>\nendobj\n"
    entries = b"".join(
        struct.pack(">BIB", *e)
        for e in [(0, 0, 0), (1, 9, 0), (1, body.find(b"2 0 obj"), 0), (0, 0, 0), (0, 0, 0), (2, 1, 0)]
    )
    at = len(body)
    return (
        body
        + b"3 0 obj\n<</Type/XRef/Size 6/W[1 4 1]/Root 2 0 R/Length %d>>stream\n" % len(entries)
        + entries
        + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % at
    )


def png_of(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("1", (width, height)).save(out, "PNG")
    return out.getvalue()


def broken_stream() -> bytes:
    """A Word file whose first part says it is stored whole, with lengths that contradict each other."""
    data, name = bytearray(word()), b"[Content_Types].xml"
    at = data.index(name) + len(name)
    data[at : at + 3] = b"\x01\x08\x00"
    return bytes(data)


def word(extra: dict[str, bytes] | None = None, part: str = "word/document.xml") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, os.urandom(400))
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return out.getvalue()


def lying_zip() -> bytes:
    """Says it unpacks to little."""
    data = bytearray(word({"word/x.xml": bytes(3_000_000)}))
    for mark, field in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = data.rfind(mark)
        data[at + field : at + field + 4] = struct.pack("<I", 10)
    return bytes(data)


KIND = (
    "Tệp “%s” không thuộc loại được nhận. Nộp tệp PDF, ảnh chụp (JPG, PNG, HEIC, WebP), hoặc tệp Word, Excel "
    "(.docx, .xlsx)."
)
PRINTED = "Mở tệp, chọn In, in ra PDF rồi nộp tệp PDF mới."
BAD = {
    "rỗng": (b"", "trong.pdf", "Tệp “trong.pdf” không có nội dung. Chọn lại tệp."),
    "quá lớn": (os.urandom(2_100_000), "to.pdf", "Tệp “to.pdf” lớn hơn 2 MB. Chụp lại ở độ phân giải thấp hơn hoặc chia thành nhiều tệp."),
    "trang web": (b"<html><script>alert(1)</script></html>", "giay.pdf", KIND % "giay.pdf"),
    "trang web mang dấu PDF": (b"<script>alert(1)</script>%PDF-1.7\n" + saved(plain()), "giay.pdf", KIND % "giay.pdf"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "anh.png", KIND % "anh.png"),
    "chương trình": (b"MZ" + bytes(600), "phan-mem.pdf", KIND % "phan-mem.pdf"),
    "gif": (b"GIF89a" + bytes(600), "dong.gif", KIND % "dong.gif"),
    "tên có mã": (b"xx", "<img src=x onerror=alert(1)>.pdf", KIND % "<img src=x onerror=alert(1)>.pdf"),
    "tên đi lạc": (b"xx", "..\\..\\boot.ini", KIND % "boot.ini"),
    "tên NFD": (b"xx", "gia\u0302\u0301y.pdf", KIND % "giấy.pdf"),
    "tên có hình": (b"xx", "🏠 nhà.pdf", KIND % "🏠 nhà.pdf"),
    "PDF cụt": (saved(plain(3))[:-300], "cut.pdf", "Tệp PDF “cut.pdf” bị hỏng: thiếu phần cuối. Tải lại tệp từ nơi lưu gốc, hoặc quét lại, rồi nộp lại."),
    "PDF rác": (b"%PDF-1.7\n" + os.urandom(2000) + b"%%EOF", "hong.pdf", "Tệp PDF “hong.pdf” bị hỏng, không mở được. Xuất hoặc quét lại tệp rồi nộp lại."),
    "PDF khóa": (saved(plain(), encryption=pikepdf.Encryption(owner="a", user="b")), "khoa.pdf", "Tệp PDF “khoa.pdf” đang đặt mật khẩu. Bỏ mật khẩu, lưu lại rồi nộp."),
    "PDF khóa quyền": (saved(plain(), encryption=pikepdf.Encryption(owner="a", user="")), "khoa.pdf", "Tệp PDF “khoa.pdf” đang đặt mật khẩu. Bỏ mật khẩu, lưu lại rồi nộp."),
    "PDF không trang": (saved(plain(0)), "khong.pdf", "Tệp PDF “khong.pdf” không có trang nào. Xuất hoặc quét lại tệp rồi nộp lại."),
    "PDF nhiều trang": (saved(plain(6)), "day.pdf", "Tệp PDF “day.pdf” có 6 trang, nhiều hơn 5. Chia thành nhiều tệp rồi nộp."),
    "PDF có mã lệnh": (scripted(), "js.pdf", f"Tệp PDF “js.pdf” có chứa mã lệnh tự chạy. {PRINTED}"),
    "PDF có mã lệnh ở trang": (script_in_a_page(), "js.pdf", f"Tệp PDF “js.pdf” có chứa mã lệnh tự chạy. {PRINTED}"),
    "PDF mở chương trình": (launching(), "mo.pdf", f"Tệp PDF “mo.pdf” có lệnh mở chương trình khác. {PRINTED}"),
    "PDF đính tệp": (carrying(), "kem.pdf", "Tệp PDF “kem.pdf” có tệp khác hoặc phim, âm thanh đính bên trong. Lấy tệp đính kèm ra nộp riêng; in tệp này ra PDF rồi nộp tệp PDF mới."),
    "PDF biểu mẫu động": (dynamic_form(), "xfa.pdf", "Tệp PDF “xfa.pdf” là biểu mẫu động (XFA), nhiều máy không đọc được. Mở tệp, chọn In, in ra PDF rồi nộp tệp PDF mới."),
    "PDF phình to": (swelling(), "bom.pdf", f"Tệp PDF “bom.pdf” nén bất thường. {PRINTED}"),
    "PDF nén hai lần": (packed_twice(), "bom.pdf", f"Tệp PDF “bom.pdf” nén bất thường. {PRINTED}"),
    "PDF có ảnh khổng lồ": (huge_picture_inside(), "bom.pdf", f"Tệp PDF “bom.pdf” nén bất thường. {PRINTED}"),
    "ảnh cụt": (photo()[:20_000], "anh.jpg", "Ảnh “anh.jpg” bị hỏng, không mở được. Chụp hoặc quét lại rồi nộp lại."),
    "ảnh PNG cụt": (photo("PNG")[:3000], "anh.png", "Ảnh “anh.png” bị hỏng, không mở được. Chụp hoặc quét lại rồi nộp lại."),
    "HEIC cụt": (photo("HEIF")[:2000], "anh.heic", "Ảnh “anh.heic” bị hỏng, không mở được. Chụp hoặc quét lại rồi nộp lại."),
    "ảnh khổng lồ": (png_of(20_000, 20_000), "bom.png", "Ảnh “bom.png” quá lớn (20000 × 20000 điểm ảnh). Chụp lại ở độ phân giải thấp hơn."),
    "tệp nén": (word(part="bai.txt"), "nen.zip", "Tệp nén “nen.zip” không được nhận. Giải nén, rồi nộp từng giấy tờ dưới dạng PDF, JPG, PNG, DOCX hoặc XLSX."),
    "Word phình to": (word({"word/x.xml": bytes(40_000_000)}), "bom.docx", "Tệp “bom.docx” nén bất thường. Xuất thành PDF rồi nộp tệp PDF."),
    "Word nói dối": (lying_zip(), "doi.docx", "Tệp “doi.docx” bị hỏng, không mở được. Lưu lại từ Word hoặc Excel rồi nộp lại."),
    "Word có macro": (word({"word/vbaProject.bin": b"x"}), "m.docx", "Tệp “m.docx” có macro. Xuất thành PDF rồi nộp tệp PDF."),
    "Word đính tệp": (word({"word/embeddings/a.bin": b"x"}), "e.docx", "Tệp “e.docx” có tệp khác đính bên trong. Nộp tệp đính kèm riêng; xuất tệp này thành PDF rồi nộp."),
    "Word cụt": (word()[:300], "c.docx", "Tệp “c.docx” bị hỏng, không mở được. Lưu lại từ Word hoặc Excel rồi nộp lại."),
    "Word sai dòng nén": (broken_stream(), "n.docx", "Tệp “n.docx” bị hỏng, không mở được. Lưu lại từ Word hoặc Excel rồi nộp lại."),
    "Word cũ": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "cu.doc", "Tệp “cu.doc” ở dạng Word, Excel cũ hoặc đang đặt mật khẩu. Mở tệp, bỏ mật khẩu nếu có, lưu thành PDF, .docx hoặc .xlsx rồi nộp."),
}  # fmt: skip


@pytest.mark.parametrize(("data", "name", "says"), BAD.values(), ids=BAD)
def test_what_is_wrong_with_a_file_is_said_word_for_word(settings, data: bytes, name: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        documents.receive(SimpleUploadedFile(name, data))
    assert str(refused.value) == says
    left = [p for p in settings.MEDIA_ROOT.rglob("*") if p.is_file() and p.name != ".gate"]
    assert left == []


def test_a_bomb_before_the_first_page_is_refused() -> None:
    upload = SimpleUploadedFile("bom.pdf", bomb_in_the_index())
    with pytest.raises(Refused, match=r"bị hỏng|nén bất thường|quá phức tạp"):
        documents.receive(upload)


def test_a_job_that_needs_too_much_ends_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.png").write_bytes(photo("PNG", (3000, 3000), place=True))
    monkeypatch.setattr(opener, "MEMORY", 100 * 1024 * 1024)
    with pytest.raises(Unfit) as unfit:
        opener.run("look", path=tmp_path / "a.png", tidy=tmp_path / "b", preview="", max_pages=5, roots=[])
    assert unfit.value.code == "too_heavy"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("có trang lỗi mục lục.pdf", saved(plain(2)).replace(b"startxref\n", b"startxref\n9")),
        ("thừa dòng trống.pdf", saved(plain()) + b"\n" * 5000),
        ("rác đứng trước.pdf", b"\xef\xbb\xbf\n" + saved(plain())),
    ],
)
def test_what_every_reader_mends_is_taken(name: str, data: bytes) -> None:
    received = documents.receive(SimpleUploadedFile(name, data))
    assert (received.media_type, received.name) == (PDF, name)


def test_a_picture_tells_neither_its_place_nor_its_telephone(settings) -> None:
    for kind in ("JPEG", "PNG", "WEBP", "HEIF"):
        received = documents.receive(SimpleUploadedFile(f"a.{kind}", photo(kind, place=True)))
        kept = documents.path_of(received).read_bytes()  # type: ignore[arg-type]
        assert b"HangDienThoai" not in kept
        assert b"Exif" not in kept
        assert len(received.originals) == 1


def test_something_hidden_behind_a_picture_is_not_kept() -> None:
    received = documents.receive(SimpleUploadedFile("a.jpg", photo() + b"<script>alert(1)</script>"))
    assert b"<script>" not in documents.path_of(received).read_bytes()  # type: ignore[arg-type]


# -- Whatever bytes come ---------------------------------------------------------------------------------------

SEEDS = {
    PDF: saved(plain(2)),
    JPEG: photo(size=(320, 240), place=True),
    PNG: photo("PNG", (320, 240)),
    WEBP: photo("WEBP", (320, 240)),
    HEIF: photo("HEIF", (320, 240)),
    "zip": word(),
}


def changed(kinds: list[str]) -> st.SearchStrategy[bytes]:
    """A good file with bytes changed, cut, doubled or put in."""

    @st.composite
    def make(draw: Callable[..., object]) -> bytes:
        data = bytearray(SEEDS[str(draw(st.sampled_from(kinds)))])
        for _ in range(int(draw(st.integers(1, 12)))):  # type: ignore[call-overload]
            at = int(draw(st.integers(0, max(0, len(data) - 1))))  # type: ignore[call-overload]
            what = draw(st.sampled_from(["set", "cut", "put", "twice"]))
            if what == "set" and data:
                data[at] = int(draw(st.integers(0, 255)))  # type: ignore[call-overload]
            elif what == "cut":
                del data[at : at + int(draw(st.integers(1, 400)))]  # type: ignore[call-overload]
            elif what == "put":
                data[at:at] = draw(st.binary(max_size=30))  # type: ignore[assignment]
            else:
                data[at:at] = data[at : at + 200]
        return bytes(data)

    return make()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tep")


@given(data=changed([PDF, JPEG, PNG, WEBP, "zip"]))
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_file_is_taken_or_refused_and_nothing_else(folder: Path, data: bytes) -> None:
    path = folder / "tep"
    path.write_bytes(data)
    kind = sniff(data[:1024])
    try:
        if kind == PDF:
            pdf.look(path, max_pages=500)
        elif kind in {JPEG, PNG, WEBP}:
            pictures.look(path, kind, tidy=folder / "moi", preview="")
        elif kind == "zip":
            office.look(path)
    except Unfit as unfit:
        files.refusal_of(unfit, "giấy.pdf")  # a code without words would raise


@given(data=changed([PDF, JPEG, HEIF]))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_whole_way_knows_only_our_refusals(data: bytes) -> None:
    with suppress(Refused):
        assert documents.receive(SimpleUploadedFile("giấy", data)).size > 0
