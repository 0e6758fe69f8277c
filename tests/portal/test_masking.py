"""What is published names nobody: tables of what people write, and properties for what they might."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.services.masking import leftovers, mask

NAMES = ["Nguyễn Thị Thanh Hương"]
#: How fast examples come says something about the machine, not about masking.
quick = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("số căn cước 025186004317.", "số căn cước [số giấy tờ]."),
        ("CCCD 025 186 004 317", "CCCD [số giấy tờ]"),
        ("cmnd 131234567 cấp", "cmnd [số giấy tờ] cấp"),
        ("gọi 0912345678 nhé", "gọi [số điện thoại] nhé"),
        ("gọi 0912.345.678, 0912 345 679", "gọi [số điện thoại], [số điện thoại]"),
        ("+84 (912) 345-678", "[số điện thoại]"),
        ("bàn (0210) 3846 123", "bàn [số điện thoại]"),
        ("số ０９１２３４５６７８", "số [số điện thoại]"),
        ("0912\u200b345\u200b678", "[số điện thoại]"),
        ("tài khoản 1903 4567 8901 23 tại ngân hàng", "tài khoản [số giấy tờ] tại ngân hàng"),
        ("thư huong.nt@example.com.vn", "thư [thư điện tử]"),
        ("huong (at) example.vn", "[thư điện tử]"),
        ("hồ sơ H44.27-261008-0975 và NT-ABCDEFGH2", "hồ sơ [mã hồ sơ] và [mã hồ sơ]"),
        ("xe 19A-123.45", "xe [biển số]"),
        ("ở số nhà 12 ngõ 5 đường Hùng Vương, phường Việt Trì", "ở [địa chỉ], phường Việt Trì"),
        ("nhà tôi ở khu 6, xã Phù Ninh", "nhà tôi ở [địa chỉ], xã Phù Ninh"),
        ("thửa đất số 21, tờ bản đồ số 8", "[thửa đất]"),
        ("Tôi là Nguyễn Thị Thanh Hương", "Tôi là [họ tên]"),
        ("bà NGUYỄN THỊ  THANH HƯƠNG nộp", "bà [họ tên] nộp"),
        ("ông Nam và chị Lan", "ông [họ tên] và chị [họ tên]"),
        ("cán bộ Phạm Thị Lan Anh ở quầy 3", "cán bộ [họ tên] ở quầy 3"),
        ("do Trần Văn Tuấn ký", "do [họ tên] ký"),
    ],
)
def test_personal_data_is_taken_out(text: str, shown: str) -> None:
    masked = mask(text, names=NAMES)
    assert masked.text == shown
    assert masked.removed
    assert leftovers(masked.text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Tôi nộp hồ sơ ngày 15/09/2021, hẹn trả 22/09/2021 nhưng đến 30/9/2021 chưa có.",
        "từ 01/10/2026 – 05/10/2026 và từ 10/2026 - 12/2026",
        "thu 120.000.000 đồng, lệ phí 8.000 đ",
        "Theo Nghị định 118/2025/NĐ-CP, Quyết định số 31/2020/QĐ-UBND",
        "Ông Chủ tịch Ủy ban nhân dân phường, bà Giám đốc Sở",
        "đường Nguyễn Du, trường Trần Phú, phường Lê Lợi",
        "Quyết định số 12 ngày 05/10/2026",
        "khu công nghiệp Thụy Vân, tỉnh Phú Thọ, Hà Nội",
        "từ 07:30–11:30 và 13:30–16:30 các ngày 5, 6, 7, 8, 9, 10, 11, 12, 13",
        "tổng đài 1022 hoặc 1900 1234",
    ],
)
def test_what_names_nobody_stays_as_it_is(text: str) -> None:
    assert mask(text) == mask(text, names=NAMES)
    assert mask(text).text == text
    assert leftovers(text) == []


def test_published_contacts_of_agencies_stay() -> None:
    text = "Liên hệ Bộ phận Một cửa, điện thoại 0210 3846 123, thư motcua@phutho.gov.vn."
    public = ["+842103846123", "motcua@phutho.gov.vn"]
    assert mask(text, public=public).text == text
    assert leftovers(text, public=public) == []
    assert leftovers(text) == ["motcua@phutho.gov.vn", "0210 3846 123"]


@pytest.mark.parametrize("text", ["x 0912345678", "x 025186004317", "x a@b.vn", "H44.27-261008-0975"])
def test_what_an_officer_left_is_found(text: str) -> None:
    assert leftovers(text)


_BEFORE = st.text(alphabet="abcđêô ,.;:\n", max_size=30)
_PART = st.sampled_from(["", " ", ".", "-", " - ", "\u00a0", "–", "·", "/"])


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Nine to twelve digits in groups of three or four, as people write them."""
    digits = draw(st.text(alphabet="0123456789", min_size=9, max_size=12))
    size, part = draw(st.sampled_from([3, 4])), draw(_PART)
    return part.join(digits[i : i + size] for i in range(0, len(digits), size))


@quick
@given(before=_BEFORE, number=numbers(), after=_BEFORE)
def test_no_number_of_nine_to_twelve_digits_survives(before: str, number: str, after: str) -> None:
    text = f"{before} {number} {after}"
    shown = mask(text).text
    assert leftovers(shown) == []
    assert not re.search(r"\d{9,12}", re.sub(r"[\s.\-–·/]", "", shown))


@quick
@given(
    name=st.text(alphabet="abcxyz0189._-+", min_size=1, max_size=12),
    host=st.text(alphabet="abcxyz0189-", min_size=1, max_size=10),
    before=_BEFORE,
)
def test_no_e_mail_address_survives(name: str, host: str, before: str) -> None:
    shown = mask(f"{before} {name}@{host}.vn xin cảm ơn").text
    assert f"@{host}.vn" not in shown
    assert leftovers(shown) == []


@quick
@given(st.text(max_size=200))
def test_masking_again_changes_nothing_and_never_fails(text: str) -> None:
    once = mask(text, names=NAMES).text
    assert leftovers(once) == []
    assert leftovers(mask(once, names=NAMES).text) == []
