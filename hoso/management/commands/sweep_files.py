"""`manage.py sweep_files`: remove bytes that no document names, left behind by requests that were rolled back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from hoso.services import documents

DAY = 86_400


class Command(BaseCommand):
    """May run at any time and as often as wanted."""

    help = "Xóa tệp không giấy tờ nào dùng, cũ hơn một ngày."

    def add_arguments(self, parser: CommandParser) -> None:
        """--hours: younger files are left alone."""
        parser.add_argument("--hours", type=float, default=24, help="chỉ xóa tệp cũ hơn số giờ này")

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep and say what was freed."""
        removed, freed = documents.sweep(older_than=options["hours"] * DAY / 24)
        self.stdout.write(f"Đã xóa {removed} tệp, giải phóng {freed / 1024 / 1024:.1f} MB.")
