"""A text message as if it had come from a telephone: `manage.py sms "TC H44.27-261008-0027" --from 0912345678`."""

from argparse import ArgumentParser
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError

from portal.services import sms_lookup


class Command(BaseCommand):
    """For trials and training; the answer is printed and also sent through the outbox, as for a real message."""

    help = "Thử tra cứu bằng tin nhắn: nhận một tin như từ nhà mạng và in câu trả lời."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The message and whose telephone it comes from."""
        parser.add_argument("text", help='nội dung tin, ví dụ "TC H44.27-261008-0027"')
        parser.add_argument("--from", dest="sender", required=True, help="số điện thoại gửi tin")

    def handle(self, *args: Any, **options: Any) -> None:
        """Receive it and show the answer."""
        try:
            answered = sms_lookup.receive(
                identifier=f"thu-{uuid4().hex}", sender=options["sender"], text=options["text"]
            )
        except ValueError as error:
            raise CommandError(str(error)) from None
        words = (
            sms_lookup.last_answer(options["sender"])
            if answered
            else "Không trả lời: số này đã hỏi quá nhiều lần."
        )
        self.stdout.write(words)
