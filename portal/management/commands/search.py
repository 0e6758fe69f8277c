"""What the search of the portal answers to a question, for tuning and for tests."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.services import search


class Command(BaseCommand):
    """manage.py search "vợ tôi mới sinh em bé" --json"""

    help = "Tìm thủ tục như trên Cổng: mã theo thứ tự, kèm điểm."

    def add_arguments(self, parser: CommandParser) -> None:
        """The question and how to answer."""
        parser.add_argument("question", help="Câu hỏi như người dân gõ")
        parser.add_argument("--json", action="store_true", help="In JSON thay cho chữ")
        parser.add_argument("--limit", type=int, default=10, help="Số thủ tục in ra (mặc định 10)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the answer; the keys of the JSON stay as they are."""
        found = search.find(options["question"])
        rows = list(found.procedures[: max(options["limit"], 0)])
        if options["json"]:
            answer = {
                "question": options["question"],
                "corrected": found.corrected,
                "suggested": found.suggested,
                "notes": [note for _, note in found.notes],
                "elsewhere": [note for _, note in found.elsewhere],
                "life_events": [event.key for event in found.life_events],
                "results": [
                    {"code": row.code, "score": round(row.score, 4), "name": row.name}  # type: ignore[attr-defined]
                    for row in rows
                ],
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
            return
        if found.corrected:
            self.stdout.write(f"Hiểu là: {found.corrected}")
        if found.suggested:
            self.stdout.write(f"Có thể là: {found.suggested}")
        for _, note in [*found.elsewhere, *found.notes]:
            self.stdout.write(f"Lưu ý: {note}")
        for event in found.life_events:
            self.stdout.write(f"Việc: {event.title} ({event.key})")
        for row in rows:
            self.stdout.write(f"{row.score:7.3f}  {row.code:<12} {row.name[:90]}")  # type: ignore[attr-defined]
        if not rows:
            self.stdout.write("Không thấy thủ tục nào.")
