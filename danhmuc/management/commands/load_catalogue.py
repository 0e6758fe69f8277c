"""Loads the reference data kept in the repository. Running it again changes nothing that has not changed."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from danhmuc.loading.files import DATA, DataError
from danhmuc.loading.run import KINDS, load


class Command(BaseCommand):
    help = "Nạp danh mục dùng chung: đơn vị hành chính, cơ quan, thủ tục, lịch, quy tắc, giá cước."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--only", nargs="+", choices=KINDS, default=[], help="chỉ nạp các loại này")
        parser.add_argument("--folder", type=Path, default=DATA, help="thư mục dữ liệu")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()

        def say(line: str) -> None:
            self.stdout.write(line)
            self.stdout.flush()

        try:
            done = load(options["folder"], options["only"], say)
        except DataError as error:
            raise CommandError(f"Không nạp được, chưa thay đổi gì. {error}") from None
        took = f"{time.monotonic() - started:.1f}".replace(".", ",")
        changed = [name for name, counts in done.items() if counts.any_change]
        if changed:
            say(f"Đã nạp trong {took} giây; có thay đổi: {', '.join(changed)}.")
        else:
            say(f"Danh mục đã đủ, không có gì thay đổi ({took} giây).")
