"""Prove that what is stored follows from what happened: events, handovers, parcels, reports."""

from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from baocao import verify as reports
from buuchinh.services import verify as parcels
from hoso.models import Dossier
from hoso.services import history


class Command(BaseCommand):
    """Exits with 1 when anything does not add up."""

    help = "Diễn lại lịch sử mọi hồ sơ (hoặc các mã nêu ra) và báo mọi sai lệch với dữ liệu đang lưu."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Codes, and how many problems to print."""
        parser.add_argument("codes", nargs="*", help="mã số hồ sơ hoặc mã nộp trực tuyến; bỏ trống là tất cả")
        parser.add_argument("--most", type=int, default=50, help="in nhiều nhất bấy nhiêu sai lệch")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay and report."""
        codes: list[str] = options["codes"]
        dossiers = Dossier.objects.all()
        if codes:
            dossiers = Dossier.objects.filter(code__in=codes) | Dossier.objects.filter(
                submission_ref__in=codes
            )
            unknown = set(codes) - {
                c for pair in dossiers.values_list("code", "submission_ref") for c in pair
            }
            if unknown:
                raise CommandError("Không có hồ sơ: " + ", ".join(sorted(unknown)))
        total = dossiers.count()
        found = 0
        sources: list[Iterable[object]] = [history.problems(dossiers), parcels.problems(dossiers)]
        if not codes:
            sources += [history.register_problems(), reports.problems()]
        for source in sources:
            for problem in source:
                found += 1
                if found <= options["most"]:
                    self.stderr.write(str(problem))
        if found:
            raise CommandError(f"{found} sai lệch trong {total} hồ sơ.")
        self.stdout.write(f"{total} hồ sơ: lịch sử diễn lại khớp với dữ liệu đang lưu, không có sai lệch.")
