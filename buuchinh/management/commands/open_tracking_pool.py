"""Allot a block of item numbers to a post unit; running it again changes nothing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from buuchinh.services import tracking
from danhmuc.models import Agency
from hoso.services.errors import Refused


class Command(BaseCommand):
    """`manage.py open_tracking_pool BD_TINH --first 1 --last 999999`"""

    help = "Cấp một dải số bưu gửi (S10) cho đơn vị bưu chính; chạy lại không thay đổi gì."

    def add_arguments(self, parser: CommandParser) -> None:
        """Unit, block and service pair."""
        parser.add_argument("unit", help="khóa của đơn vị bưu chính, ví dụ BD_TINH")
        parser.add_argument("--first", type=int, required=True)
        parser.add_argument("--last", type=int, required=True)
        parser.add_argument("--service", default="EP", help="hai chữ cái đầu của số hiệu")

    def handle(self, *args: Any, **options: Any) -> None:
        """Open it, and say which."""
        unit = Agency.objects.filter(key=options["unit"], level=Agency.Level.POST).first()
        if unit is None:
            raise CommandError(f"Không có đơn vị bưu chính “{options['unit']}”.")
        try:
            pool = tracking.open_pool(
                unit, first=options["first"], last=options["last"], service=options["service"]
            )
        except Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"{unit.name}: dải {pool}, số kế tiếp {pool.next:08d}")
