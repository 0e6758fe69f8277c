"""What every report is: a title, columns, and rows of figures, each of which opens the dossiers it counts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True)
class Head:
    """A cell of a table's head: words over `span` columns and `down` rows; the pinned one stays on phones."""

    text: str
    span: int = 1
    down: int = 1
    pin: bool = False

    @property
    def scope(self) -> str:
        """What it heads, for screen readers."""
        return "colgroup" if self.span > 1 else "col"


@dataclass(frozen=True)
class Column:
    """A numbered column. `parts` are the classes of dossiers it adds up; a column is nothing but its parts."""

    number: int
    text: str
    parts: tuple[str, ...]
    formula: str = ""
    hot: bool = False

    @property
    def index(self) -> str:
        """(9)=(10)+(11)+(12), as the form prints under the head."""
        return f"({self.number}){self.formula}"

    @property
    def is_sum(self) -> bool:
        """Whether it adds up other columns."""
        return bool(self.formula)

    def value(self, tally: "Tally") -> int:
        """The figure of this column."""
        return sum(tally.get(part) for part in self.parts)


@dataclass
class Tally:
    """How many dossiers fell into each class."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, part: str, number: int) -> None:
        """Count more of one class."""
        self.counts[part] = self.counts.get(part, 0) + number

    def get(self, *parts: str) -> int:
        """How many of these classes."""
        return sum(self.counts.get(part, 0) for part in parts)

    def __add__(self, other: "Tally") -> "Tally":
        both = Tally(dict(self.counts))
        for part, number in other.counts.items():
            both.add(part, number)
        return both


@dataclass(frozen=True)
class Row:
    """A line: what it is about and its figures in the order of the columns. `key` names it in addresses."""

    key: str
    label: str
    tally: Tally

    def cells(self, columns: Sequence[Column]) -> list[int]:
        """The figures."""
        return [column.value(self.tally) for column in columns]


class Report(Protocol):
    """A report over a period and a scope. Exports and pages know no more of it than this."""

    @property
    def title(self) -> str:
        """As the form is headed."""
        ...

    @property
    def columns(self) -> Sequence[Column]:
        """From the third on; the first two are number and label."""
        ...

    @property
    def heads(self) -> Sequence[Sequence[Head]]:
        """The storeys of the table's head."""
        ...

    def filters(self) -> list[tuple[str, str]]:
        """What was chosen (period, scope, way of counting), as label and words."""
        ...

    def rows(self) -> list[Row]:
        """Lines without the total."""
        ...

    def total(self) -> Row:
        """The line that adds them up."""
        ...


def added(rows: Iterable[Row], label: str = "Tổng số") -> Row:
    """The sum of lines."""
    total = Tally()
    for row in rows:
        total = total + row.tally
    return Row("", label, total)


def grid(report: Report) -> list[list[Any]]:
    """A report as plain values, number and label first: what exports write and a closed period keeps."""
    lines: list[list[Any]] = [
        [number, row.label, *row.cells(report.columns)] for number, row in enumerate(report.rows(), start=1)
    ]
    total = report.total()
    return [*lines, ["", total.label, *total.cells(report.columns)]]
