"""The table of demo people that `make run` prints."""

from typing import Any

from django.core.management.base import BaseCommand

from config.demo.cast import PASSWORD, demo_people


class Command(BaseCommand):
    """`manage.py demo_people`."""

    help = "Danh sách người dùng trình diễn."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line a person."""
        rows = demo_people()
        widths = [max(len(row[i]) for row in rows) for i in range(4)]
        for row in rows:
            cells = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False))
            self.stdout.write(f"  {cells}  {row[4]}")
        self.stdout.write(f"  Mật khẩu chung: {PASSWORD}")
