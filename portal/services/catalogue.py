"""Words for what the catalogue holds, and the short lists beside it."""

from django.core.cache import cache
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from danhmuc.models import Field
from portal.services.search import SUBJECTS

LEVELS: dict[str, str | Promise] = {
    "tinh": _("Cấp tỉnh"),
    "xa": _("Cấp xã"),
    "bo": _("Cấp bộ"),
    "khac": _("Cơ quan khác"),
}
#: Short words of the service levels; when regulations drop the numbers, they change here.
ONLINE: dict[int, str | Promise] = {
    4: _("Mức độ 4 – trực tuyến toàn trình"),
    3: _("Mức độ 3 – trực tuyến một phần"),
    2: _("Mức độ 2 – tải biểu mẫu"),
    1: _("Cung cấp thông tin"),
}
POST: dict[str, str | Promise] = {
    "pickup": _("Nhận hồ sơ tại nhà"),
    "return": _("Trả kết quả tại nhà"),
}
FOR_WHOM: dict[str, str | Promise] = {
    "nguoi-dan": _("Người dân"),
    "doanh-nghiep": _("Doanh nghiệp, hợp tác xã"),
    "to-chuc": _("Cơ quan, tổ chức"),
    "nguoi-nuoc-ngoai": _("Người nước ngoài"),
}
assert FOR_WHOM.keys() == SUBJECTS.keys()
A_QUARTER_HOUR = 15 * 60


def sectors() -> list[tuple[str, str]]:
    """(code, name) of the sectors that have procedures, by name; remembered for a quarter of an hour."""
    known: list[tuple[str, str]] | None = cache.get("portal:sectors")
    if known is None:
        rows = Field.objects.filter(
            procedures__is_current=True, procedures__is_internal=False, procedures__other_province=""
        )
        known = list(rows.distinct().order_by("folded_name").values_list("code", "name"))
        cache.set("portal:sectors", known, A_QUARTER_HOUR)
    return known
