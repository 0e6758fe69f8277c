"""Measure the system beside its load contract, on a database of its own: `make bench ARGS="--dossiers 100000"`."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.stack import paths


class Command(BaseCommand):
    """Makes `<database>_bench` on the same server, fills it, measures it; the present data is never touched."""

    help = "Đo tốc độ các trang và các bước trên cơ sở dữ liệu riêng, so với cam kết và với một trang trống."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How much and what."""
        parser.add_argument("--dossiers", type=int, default=20_000, help="số hồ sơ")
        parser.add_argument(
            "--stories",
            type=int,
            default=10_000,
            help="bao nhiêu trong đó đi từng bước thật, còn lại nhân lên",
        )
        parser.add_argument("--requests", type=int, default=200, help="số yêu cầu mỗi trang")
        parser.add_argument("--connections", default="1,8", help="số kết nối đồng thời, ví dụ 1,8")
        parser.add_argument(
            "--sign-ins", type=int, default=500, help="số người đăng nhập cùng lúc (0: bỏ qua)"
        )
        parser.add_argument("--sign-in-connections", type=int, default=50)
        parser.add_argument("--workers", type=int, default=2, help="số tiến trình web")
        parser.add_argument("--only", default="", help="chỉ các phép đo có chữ này trong tên")
        parser.add_argument("--fresh", action="store_true", help="tạo lại cơ sở dữ liệu đo")
        parser.add_argument("--prepare", action="store_true", help="chỉ chuẩn bị dữ liệu")
        parser.add_argument(
            "--grow", action="store_true", help="đo hộp việc ở một phần mười rồi ở đủ số hồ sơ"
        )
        parser.add_argument(
            "--explain", action="store_true", help="in kế hoạch truy vấn; lỗi khi một danh sách đọc cả bảng"
        )
        parser.add_argument("--json", default="", help="ghi kết quả vào tệp này")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the database and start again on it, or measure when already there."""
        if not settings.DEV:
            raise CommandError(
                "Phép đo dùng dữ liệu giả định và chỉ chạy ở chế độ DEV, không chạy trên máy chủ thật."
            )
        if options["dossiers"] < 10 or options["requests"] < 1:
            raise CommandError("--dossiers từ 10, --requests từ 1.")
        from config.bench import load, prepare

        if not prepare.is_bench():
            self._start_again(prepare.create_database(fresh=options["fresh"]))
            return
        try:
            self._measure(options)
        except (prepare.CannotBench, load.Failed) as error:
            raise CommandError(str(error)) from None

    def _start_again(self, name: str) -> None:
        """The same command in a process that knows no other database."""
        from config.bench.prepare import address

        url = os.environ.get("DATABASE_URL") or paths.database_url()
        environment = {
            **os.environ,
            "DATABASE_URL": address(url, name),
            "DJANGO_SETTINGS_MODULE": "config.bench.settings",
            "STATEMENT_TIMEOUT_MS": "0",
        }
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *sys.argv[1:]]
        code = subprocess.run(command, env=environment, check=False).returncode
        if code:
            sys.exit(code)

    def _measure(self, options: dict[str, Any]) -> None:
        from config.bench.prepare import prepare
        from config.bench.run import Bench, Plan

        names = ("dossiers", "stories", "requests", "sign_ins", "sign_in_connections", "workers", "only")
        connections = [int(n) for n in options["connections"].split(",")]
        bench = Bench(Plan(connections=connections, **{n: options[n] for n in names}), self._say)
        if options["grow"]:
            bench.grow()
        size = prepare(dossiers=options["dossiers"], stories=options["stories"], say=self._say)
        self._say(f"{size.dossiers} hồ sơ, {size.open} đang mở.")
        if options["prepare"]:
            return
        if options["explain"]:
            if found := bench.explain():
                raise CommandError(f"{found} danh sách đọc tuần tự cả bảng lịch sử.")
            self._say("Không danh sách nào đọc tuần tự cả bảng lịch sử.")
            return
        bench.run()
        for line in bench.report():
            self._say(line)
        if options["json"]:
            bench.save(Path(options["json"]))

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
