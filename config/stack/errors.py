"""The one kind of failure this package shows to people."""

from pathlib import Path


class StackError(Exception):
    """Something the person at the keyboard can mend; the text is one Vietnamese sentence that says how."""


def busy_port(setting: str, port: int | None) -> str:
    """The sentence for a port that another program holds."""
    return f"Cổng {port} đang có chương trình khác dùng: hãy đặt {setting} sang số khác rồi chạy lại."


def service_ended(name: str, var: Path) -> StackError:
    """The failure of a service that ended by itself under a running launcher."""
    return StackError(f"{name} đã tự dừng: hãy xem {var / 'log'} rồi chạy lại.")


def disk_full(folder: Path) -> str:
    """The sentence for a disk on which nothing more can be written."""
    return f"Ổ đĩa chứa {folder} đã đầy: hãy giải phóng dung lượng rồi chạy lại."
