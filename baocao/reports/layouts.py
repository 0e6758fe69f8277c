"""The columns of the official tables (domain §18.2, §18.5); a report set names the one it prescribes."""

from dataclasses import dataclass

from baocao.reports.base import Column, Head

#: The classes of dossiers. Every dossier of a period is in exactly one of the first line (how it came in) and one of
#: the second (where it stands), so that "tiếp nhận" always equals "đã giải quyết" plus "đang giải quyết".
RECEIVED = ("full", "partial", "post", "counter", "carried")
#: "waiting" is for those who wait for papers, where the regime counts them as resolved in time; elsewhere none is.
ON_TIME = ("on_time", "waiting")
RESOLVED, OPEN = ("early", *ON_TIME, "overdue"), ("within", "late")
STANDING = (*RESOLVED, *OPEN)
TIMELY = ("early", *ON_TIME)


@dataclass(frozen=True)
class Layout:
    """One official table."""

    key: str
    title: str
    columns: tuple[Column, ...]
    heads: tuple[tuple[Head, ...], ...]

    def column(self, numbers: str) -> Column | None:
        """A column by the number under its head, or several added up: "12", "4,5,6,7"; None for others."""
        known = {str(column.number): column for column in self.columns}
        wanted = [known.get(number) for number in numbers.split(",")]
        found = [column for column in wanted if column is not None]
        if len(found) != len(wanted) or (len(found) > 1 and any(column.is_sum for column in found)):
            return None
        if len(found) == 1:
            return found[0]
        parts = tuple(part for column in found for part in column.parts)
        words = "; ".join(column.text for column in found)
        return Column(found[0].number, words, parts)

    def numbers_of(self, parts: tuple[str, ...]) -> str:
        """The columns that hold these classes and no others, as `column` takes them."""
        whole = next((column for column in self.columns if set(column.parts) == set(parts)), None)
        if whole is not None:
            return str(whole.number)
        return ",".join(str(c.number) for c in self.columns if not c.is_sum and set(c.parts) <= set(parts))


LAYOUT_07A = Layout(
    key="07a",
    title="Biểu số 07a. Tình hình, kết quả tiếp nhận, giải quyết thủ tục hành chính",
    columns=(
        Column(3, "Tổng số hồ sơ tiếp nhận", RECEIVED, "=(4)+(5)+(6)+(7)+(8)"),
        Column(4, "Tiếp nhận trong kỳ, trực tuyến toàn trình", ("full",)),
        Column(5, "Tiếp nhận trong kỳ, trực tuyến một phần", ("partial",)),
        Column(6, "Tiếp nhận trong kỳ, qua dịch vụ bưu chính", ("post",)),
        Column(7, "Tiếp nhận trong kỳ, trực tiếp", ("counter",)),
        Column(8, "Từ kỳ trước", ("carried",)),
        Column(9, "Tổng số hồ sơ đã giải quyết", RESOLVED, "=(10)+(11)+(12)"),
        Column(10, "Đã giải quyết trước hạn", ("early",)),
        Column(11, "Đã giải quyết đúng hạn", ON_TIME),
        Column(12, "Đã giải quyết quá hạn", ("overdue",), hot=True),
        Column(13, "Tổng số hồ sơ đang giải quyết", OPEN, "=(14)+(15)"),
        Column(14, "Đang giải quyết trong hạn", ("within",)),
        Column(15, "Đang giải quyết quá hạn", ("late",), hot=True),
    ),
    heads=(
        (
            Head("TT", down=3),
            Head("Lĩnh vực", down=3, pin=True),
            Head("Số hồ sơ tiếp nhận", span=6),
            Head("Số hồ sơ đã giải quyết", span=4),
            Head("Số hồ sơ đang giải quyết", span=3),
        ),
        (
            Head("Tổng số", down=2),
            Head("Trong kỳ", span=4),
            Head("Từ kỳ trước", down=2),
            Head("Tổng số", down=2),
            Head("Trước hạn", down=2),
            Head("Đúng hạn", down=2),
            Head("Quá hạn", down=2),
            Head("Tổng số", down=2),
            Head("Trong hạn", down=2),
            Head("Quá hạn", down=2),
        ),
        (
            Head("Trực tuyến toàn trình"),
            Head("Trực tuyến một phần"),
            Head("Bưu chính"),
            Head("Trực tiếp"),
        ),
    ),
)
LAYOUT_II06 = Layout(
    key="II.06",
    title="Biểu số II.06a/VPCP/KSTT. Tình hình, kết quả giải quyết thủ tục hành chính",
    columns=(
        Column(3, "Tổng số hồ sơ tiếp nhận", RECEIVED, "=(4)+(5)+(6)"),
        Column(4, "Tiếp nhận trong kỳ, trực tuyến", ("full", "partial")),
        Column(5, "Tiếp nhận trong kỳ, trực tiếp, bưu chính", ("post", "counter")),
        Column(6, "Từ kỳ trước", ("carried",)),
        Column(7, "Tổng số hồ sơ đã giải quyết", RESOLVED, "=(8)+(9)+(10)"),
        Column(8, "Đã giải quyết trước hạn", ("early",)),
        Column(9, "Đã giải quyết đúng hạn", ON_TIME),
        Column(10, "Đã giải quyết quá hạn", ("overdue",), hot=True),
        Column(11, "Tổng số hồ sơ đang giải quyết", OPEN, "=(12)+(13)"),
        Column(12, "Đang giải quyết trong hạn", ("within",)),
        Column(13, "Đang giải quyết quá hạn", ("late",), hot=True),
    ),
    heads=(
        (
            Head("TT", down=3),
            Head("Lĩnh vực", down=3, pin=True),
            Head("Số hồ sơ tiếp nhận", span=4),
            Head("Số hồ sơ đã giải quyết", span=4),
            Head("Số hồ sơ đang giải quyết", span=3),
        ),
        (
            Head("Tổng số", down=2),
            Head("Trong kỳ", span=2),
            Head("Từ kỳ trước", down=2),
            Head("Tổng số", down=2),
            Head("Trước hạn", down=2),
            Head("Đúng hạn", down=2),
            Head("Quá hạn", down=2),
            Head("Tổng số", down=2),
            Head("Trong hạn", down=2),
            Head("Quá hạn", down=2),
        ),
        (Head("Trực tuyến"), Head("Trực tiếp, bưu chính")),
    ),
)
LAYOUTS = {layout.key: layout for layout in (LAYOUT_07A, LAYOUT_II06)}
