"""One partition of the demo's stories; `seed_demo` runs these side by side."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.dateparse import parse_datetime

from config.demo import seed
from config.demo.simulate import Sample


class Command(BaseCommand):
    """Prints the count of dossiers written so far, a line each batch."""

    help = "Một phần của seed_demo."
    requires_system_checks = ()  # seed_demo has made them

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The plan of the whole, and which part this is."""
        for name in ("part", "dossiers", "months", "offices", "citizens", "number"):
            parser.add_argument(name, type=int)
        parser.add_argument("now")
        parser.add_argument("samples", help="các tệp mẫu, dạng JSON")

    def handle(self, *args: Any, **o: Any) -> None:
        """Tell the partition's stories."""
        now = parse_datetime(o["now"])
        assert now is not None

        def say(written: int) -> None:
            self.stdout.write(str(written))
            self.stdout.flush()

        seed.tell_partition(
            o["part"],
            o["dossiers"],
            months=o["months"],
            offices=o["offices"],
            citizens=o["citizens"],
            number=o["number"],
            now=now,
            samples=[Sample(**row) for row in json.loads(o["samples"])],
            say=say,
        )
