"""Prints a deadline and how it was counted: the engine of every printed date, on the command line."""

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from danhmuc import worktime
from danhmuc.models import Agency
from danhmuc.services import calendars


class Command(BaseCommand):
    help = "Tính hạn từ một thời điểm và giải thích từng ngày."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--at", required=True, help="thời điểm bắt đầu, ví dụ 2026-10-05T09:00")
        parser.add_argument(
            "--limit", required=True, help='thời hạn, ví dụ "5 working_day", "8 working_hour"'
        )
        parser.add_argument("--agency", default="", help="khóa cơ quan; mặc định theo lịch chung")
        parser.add_argument("--as-known", default="", help="theo lịch như đã biết ngày này (YYYY-MM-DD)")
        parser.add_argument("--json", action="store_true", help="in dạng JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        start = self._moment(options["at"])
        try:
            limit = worktime.TimeLimit.parse(options["limit"])
            agency = Agency.objects.get(key=options["agency"]) if options["agency"] else None
            known = datetime.fromisoformat(options["as_known"]).date() if options["as_known"] else None
            calendar = calendars.calendar_for(agency, known)
            found = worktime.add(calendar, start, limit)
        except Agency.DoesNotExist:
            raise CommandError(f"Không có cơ quan với khóa “{options['agency']}”.") from None
        except (ValueError, calendars.NoCalendar) as error:
            raise CommandError(str(error)) from None
        due = timezone.localtime(found.due)
        if options["json"]:
            self.stdout.write(
                json.dumps(self._plain(start, limit, calendar, found), ensure_ascii=False, indent=1)
            )
            return
        self.stdout.write(
            f"Bắt đầu {timezone.localtime(start):%H:%M ngày %d/%m/%Y}, thời hạn {limit}, {calendar.name}"
            f" (phiên bản {calendar.version})"
        )
        for line in found.lines:
            day = f"{line.on:%d/%m/%Y}" if line.on else " " * 10
            self.stdout.write(f"  {'+' if line.counts else ' '} {day}  {line.text} {line.amount}".rstrip())
        note = " (dự kiến, lịch nghỉ chưa công bố)" if found.projected else ""
        self.stdout.write(f"Hạn: {due:%H:%M} {worktime.WEEKDAYS[due.weekday()]}, {due:%d/%m/%Y}{note}")

    def _moment(self, text: str) -> datetime:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise CommandError(f"Không đọc được thời điểm “{text}”; ví dụ đúng: 2026-10-05T09:00.") from None
        return moment if timezone.is_aware(moment) else timezone.make_aware(moment)

    def _plain(
        self,
        start: datetime,
        limit: worktime.TimeLimit,
        calendar: worktime.WorkCalendar,
        found: worktime.Count,
    ) -> dict[str, Any]:
        return {
            "start": timezone.localtime(start).isoformat(),
            "limit": limit.code,
            "calendar": calendar.version,
            "due": timezone.localtime(found.due).isoformat(),
            "projected": found.projected,
            "lines": [
                {
                    "on": line.on.isoformat() if line.on else None,
                    "text": line.text,
                    "counts": line.counts,
                    "amount": line.amount,
                }
                for line in found.lines
            ],
        }
