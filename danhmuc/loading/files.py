"""Reading data files strictly: every refusal names the file, the line or JSON path, and the reason."""

import csv
import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "data"


class DataError(Exception):
    """A file that cannot be loaded. The text is for the person who edited it."""

    def __init__(self, file: Path | str, where: str, reason: str) -> None:
        self.file, self.where, self.reason = Path(file).name, where, reason
        super().__init__(f"{self.file}, {where}: {reason}")


@dataclass(frozen=True, slots=True)
class Row:
    """One converted line of a CSV file."""

    file: Path
    line: int
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def refuse(self, reason: str) -> DataError:
        """The error to raise about this line."""
        return DataError(self.file, f"dòng {self.line}", reason)


Converter = Callable[[str], Any]


def text(value: str) -> str:
    """Required text in NFC."""
    if not value.strip():
        raise ValueError("không được để trống")
    return unicodedata.normalize("NFC", value)


def optional(value: str) -> str:
    """Text that may be empty, in NFC."""
    return unicodedata.normalize("NFC", value)


def whole(value: str) -> int:
    """A whole number, zero or more."""
    if not value.isdecimal():
        raise ValueError(f"“{value}” không phải là số nguyên")
    return int(value)


def optional_whole(value: str) -> int | None:
    """A whole number or nothing."""
    return whole(value) if value else None


def optional_amount(value: str) -> str:
    """A decimal number as people read it ("1,5"), or nothing."""
    if value and not value.replace(".", "", 1).isdecimal():
        raise ValueError(f"“{value}” không phải là số")
    return value.replace(".", ",")


def flag(value: str) -> bool:
    """0 or 1."""
    if value not in {"0", "1"}:
        raise ValueError(f"“{value}” phải là 0 hoặc 1")
    return value == "1"


def day(value: str) -> date:
    """An ISO date."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"“{value}” không phải là ngày dạng YYYY-MM-DD") from None


def optional_day(value: str) -> date | None:
    """An ISO date or nothing."""
    return day(value) if value else None


def one_of(*allowed: str) -> Converter:
    """One of the given words."""

    def convert(value: str) -> str:
        if value not in allowed:
            raise ValueError(f"“{value}” không thuộc: {', '.join(w or '(trống)' for w in allowed)}")
        return value

    return convert


def _decoded(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(path, "cả tệp", "không tìm thấy tệp") from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise DataError(path, f"dòng {line}", "không phải văn bản UTF-8") from None


def read_csv(path: Path, columns: Mapping[str, Converter], key: Iterable[str] = ()) -> list[Row]:
    """Every line converted by its column. `key` names columns whose values together may stand only once."""
    reader = csv.reader(_decoded(path).splitlines(keepends=True), strict=True)
    rows: list[Row] = []
    seen: dict[tuple[Any, ...], int] = {}
    key = tuple(key)
    try:
        header = next(reader, [])
        missing = [name for name in columns if name not in header]
        if missing:
            raise DataError(path, "dòng 1", f"thiếu cột: {', '.join(missing)}")
        places = [(name, header.index(name), convert) for name, convert in columns.items()]
        for cells in reader:
            line = reader.line_num
            if len(cells) != len(header):
                raise DataError(path, f"dòng {line}", f"có {len(cells)} ô, tiêu đề có {len(header)} cột")
            values: dict[str, Any] = {}
            for name, at, convert in places:
                try:
                    values[name] = convert(cells[at])
                except ValueError as error:
                    raise DataError(path, f"dòng {line}", f"cột {name} {error}") from None
            row = Row(path, line, values)
            if key:
                identity = tuple(values[name] for name in key)
                if identity in seen:
                    shown = ", ".join(str(v) for v in identity)
                    raise row.refuse(f"trùng {'; '.join(key)} ({shown}) với dòng {seen[identity]}")
                seen[identity] = line
            rows.append(row)
    except csv.Error as error:
        raise DataError(path, f"dòng {reader.line_num}", f"sai cấu trúc CSV ({error})") from None
    if not rows:
        raise DataError(path, "cả tệp", "không có dòng dữ liệu nào")
    return rows


class Node:
    """A place in a JSON document, walked with its path so that errors can point at it."""

    __slots__ = ("at", "file", "value")

    def __init__(self, file: Path, at: str, value: Any) -> None:
        self.file, self.at, self.value = file, at, value

    def refuse(self, reason: str) -> DataError:
        """The error to raise about this place."""
        return DataError(self.file, self.at or "gốc", reason)

    def __getitem__(self, name: str) -> "Node":
        if not isinstance(self.value, dict):
            raise self.refuse("phải là một đối tượng { … }")
        if name not in self.value:
            raise self.refuse(f"thiếu khóa “{name}”")
        return Node(self.file, f"{self.at}.{name}" if self.at else name, self.value[name])

    def get(self, name: str, default: Any = None) -> Any:
        """Plain value under a key, or the default."""
        return self.value.get(name, default)

    def __iter__(self) -> Iterator["Node"]:
        if not isinstance(self.value, list):
            raise self.refuse("phải là một danh sách [ … ]")
        return (Node(self.file, f"{self.at}[{i}]", item) for i, item in enumerate(self.value))

    def items(self) -> Iterator[tuple[str, "Node"]]:
        """Pairs of an object."""
        if not isinstance(self.value, dict):
            raise self.refuse("phải là một đối tượng { … }")
        return ((k, Node(self.file, f"{self.at}.{k}" if self.at else k, v)) for k, v in self.value.items())

    def _typed(self, kind: type, name: str) -> Any:
        if not isinstance(self.value, kind) or (kind is int and isinstance(self.value, bool)):
            raise self.refuse(f"phải là {name}")
        return self.value

    def text(self) -> str:
        """Non-empty text, NFC."""
        value = self._typed(str, "chuỗi ký tự")
        if not value.strip():
            raise self.refuse("không được để trống")
        return unicodedata.normalize("NFC", value)

    def whole(self) -> int:
        """A whole number."""
        return int(self._typed(int, "số nguyên"))

    def yes(self) -> bool:
        """A truth value."""
        return bool(self._typed(bool, "true hoặc false"))

    def day(self) -> date | None:
        """An ISO date or null."""
        if self.value is None:
            return None
        try:
            return date.fromisoformat(self._typed(str, "ngày dạng YYYY-MM-DD"))
        except ValueError:
            raise self.refuse(f"“{self.value}” không phải là ngày dạng YYYY-MM-DD") from None

    def one_of(self, allowed: Iterable[str]) -> str:
        """One of the given words."""
        allowed = list(allowed)
        if self.value not in allowed:
            raise self.refuse(f"“{self.value}” không thuộc: {', '.join(allowed)}")
        return str(self.value)


def read_json(path: Path) -> Node:
    """The document as a node."""
    try:
        return Node(path, "", json.loads(_decoded(path)))
    except json.JSONDecodeError as error:
        raise DataError(path, f"dòng {error.lineno}", f"sai cấu trúc JSON ({error.msg})") from None


def digest(*paths: Path) -> str:
    """SHA-256 over files."""
    total = hashlib.sha256()
    for path in paths:
        total.update(_decoded(path).encode())
    return total.hexdigest()
