"""Fill a province with people, staff and months of history by walking the real rules."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_datetime

from config.demo import seed


class Command(BaseCommand):
    """`manage.py seed_demo --dossiers 20000 --months 6`; the same seed and moment give the same province."""

    help = "Tạo dữ liệu trình diễn: người dân, cán bộ, lịch sử hồ sơ nhiều tháng, theo đúng các quy tắc thật."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Size, span, seed."""
        parser.add_argument("--dossiers", type=int, default=2000, help="số hồ sơ")
        parser.add_argument("--months", type=int, default=6, help="trải trong bao nhiêu tháng tính đến nay")
        parser.add_argument("--offices", type=int, default=40, help="số cơ quan giải quyết có cán bộ")
        parser.add_argument("--citizens", type=int, default=0, help="số người dân (mặc định theo số hồ sơ)")
        parser.add_argument("--seed", type=int, default=2026, help="cùng số này cho cùng dữ liệu")
        parser.add_argument(
            "--until", default="", help="thời điểm cuối, ví dụ 2026-11-23T10:00 (mặc định: bây giờ)"
        )
        parser.add_argument(
            "--jobs", type=int, default=0, help="số tiến trình (mặc định: số lõi, nhiều nhất 8)"
        )
        parser.add_argument("--if-empty", action="store_true", help="bỏ qua nếu đã có hồ sơ")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the seed and report."""
        until = parse_datetime(options["until"]) if options["until"] else None
        if options["until"] and until is None:
            raise CommandError("Viết --until như 2026-11-23T10:00.")
        if options["dossiers"] < 1 or options["months"] < 1:
            raise CommandError("--dossiers và --months phải lớn hơn 0.")
        began = time.monotonic()
        try:
            done = seed.run(
                dossiers=options["dossiers"],
                months=options["months"],
                offices=options["offices"],
                citizens=options["citizens"],
                number=options["seed"],
                until=until,
                jobs=options["jobs"],
                only_if_empty=options["if_empty"],
                say=self._say,
            )
        except seed.CannotSeed as error:
            raise CommandError(str(error)) from None
        if done:
            seconds = time.monotonic() - began
            self.stdout.write(
                f"Đã tạo {done} hồ sơ trong {seconds:.0f} giây ({done / seconds:.0f} hồ sơ mỗi giây)."
            )

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
