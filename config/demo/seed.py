"""Makes the demo province: cast first, then the stories of each partition, side by side on the cores there are."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import connection
from django.utils import timezone

from config.demo import files, post
from config.demo.cast import gather, warm
from config.demo.simulate import PARTITIONS, Sample, Simulation
from danhmuc.models import Agency, Procedure, ProcedureVersion
from hoso.models import Dossier

Say = Callable[[str], None]

#: The procedures people ask for most, most frequent first; the rest follow by code.
POPULAR = (
    "2.000635", "1.001193", "2.000815", "1.004873", "1.000894", "2.000884", "1.000656", "1.004884", "1.012753",
    "1.001612", "2.000720", "1.001266", "1.012796", "1.013979", "1.010824", "1.001776", "2.000806", "3.000333",
)  # fmt: skip


class CannotSeed(Exception):
    """Why the demo cannot be made, for the person at the terminal."""


def run(
    *,
    dossiers: int,
    months: int,
    offices: int,
    citizens: int,
    number: int,
    until: datetime | None,
    jobs: int,
    only_if_empty: bool,
    say: Say,
) -> int:
    """Make the province and return how many dossiers were written. Raises CannotSeed."""
    if not Procedure.objects.exclude(current=None).exists():
        raise CannotSeed("Chưa có danh mục. Chạy “manage.py load_catalogue” trước.")
    if Dossier.objects.exists():
        if only_if_empty:
            say("Đã có hồ sơ, giữ nguyên dữ liệu.")
            return 0
        raise CannotSeed("Cơ sở dữ liệu đã có hồ sơ. Dữ liệu trình diễn chỉ tạo trên cơ sở dữ liệu trống.")
    now = until if until is not None else timezone.now()
    if timezone.is_naive(now):
        now = timezone.make_aware(now)
    citizens = citizens or min(20_000, max(200, dossiers // 4))
    cast = gather(Random(number), offices=offices, citizens=citizens, on=timezone.localdate(now), say=say)
    samples = files.samples()
    say(f"{dossiers} hồ sơ trong {months} tháng, đi theo đúng các bước …")
    plan = _plan(dossiers, len({office.desk.pk for office in cast.offices}))
    jobs = jobs or min(os.cpu_count() or 1, PARTITIONS)
    if jobs == 1:
        done = 0
        for part in range(PARTITIONS):
            base = done
            done += tell_partition(
                part,
                plan[part],
                months=months,
                offices=offices,
                citizens=citizens,
                number=number,
                now=now,
                samples=samples,
                say=partial(_count, say, base, dossiers),
            )
        finish(say)
        return done
    done = _side_by_side(plan, jobs, dossiers, months, offices, citizens, number, now, samples, say)
    finish(say)
    return done


def _count(say: Say, base: int, dossiers: int, written: int) -> None:
    say(f"  {base + written}/{dossiers}")


def _plan(dossiers: int, desks: int) -> list[int]:
    """Dossiers a partition. The first holds the office with named people and gets a quarter of all; partitions
    without a desk get none.
    """
    others = min(desks, PARTITIONS) - 1
    first = dossiers if others == 0 else max(1, dossiers // 4)
    share, rest = divmod(dossiers - first, max(others, 1))
    plan = [first, *(share + (part < rest) for part in range(others))]
    return plan + [0] * (PARTITIONS - len(plan))


def tell_partition(
    part: int,
    dossiers: int,
    *,
    months: int,
    offices: int,
    citizens: int,
    number: int,
    now: datetime,
    samples: list[Sample],
    say: Callable[[int], None],
) -> int:
    """The stories of one partition; the cast must have been made. Returns how many dossiers were written."""
    cast = gather(
        Random(number), offices=offices, citizens=citizens, on=timezone.localdate(now), say=lambda line: None
    )
    warm(
        [
            *{u for o in cast.offices for users in o.staff.values() for u in users},
            *cast.carriers,
            *cast.partners.values(),
            cast.system,
        ]
    )
    # Desks are shared by departments; everything a desk numbers must be counted in one partition.
    desks = list(dict.fromkeys(office.desk.pk for office in cast.offices))
    mine = {pk for index, pk in enumerate(desks) if index % PARTITIONS == part}
    here = [office for office in cast.offices if office.desk.pk in mine]
    if not here or dossiers == 0:
        return 0
    rng = Random(number * 1000 + part)
    post_unit = Agency.objects.get(key="BD_TINH")
    simulation = Simulation(
        cast=cast,
        offices=here,
        versions=_versions(),
        samples=samples,
        rng=rng,
        start=now - timedelta(days=round(30.5 * months)),
        now=now,
        part=part,
        after_write=post.Writer(post_unit, cast.carriers, part, rng),
    )
    return simulation.run(dossiers, say)


def _versions() -> list[ProcedureVersion]:
    rank = {code: index for index, code in enumerate(POPULAR)}
    found = ProcedureVersion.objects.filter(
        status=ProcedureVersion.Status.PUBLISHED, procedure__is_current=True
    ).select_related("procedure__field")
    return sorted(found, key=lambda v: (rank.get(v.procedure.code, len(POPULAR)), v.procedure.code))


def _side_by_side(
    plan: list[int],
    jobs: int,
    dossiers: int,
    months: int,
    offices: int,
    citizens: int,
    number: int,
    now: datetime,
    samples: list[Sample],
    say: Say,
) -> int:
    """Run the partitions in child processes, `jobs` at a time, and add up what they report."""
    waiting = list(range(PARTITIONS))
    running: dict[int, subprocess.Popen[str]] = {}
    counted = [0] * PARTITIONS
    connection.close()
    with TemporaryDirectory() as folder:
        logs = {part: Path(folder) / f"{part}.txt" for part in waiting}
        while waiting or running:
            while waiting and len(running) < jobs:
                part = waiting.pop(0)
                words = [
                    sys.executable,
                    str(settings.BASE_DIR / "manage.py"),
                    "seed_demo_part",
                    str(part),
                    str(plan[part]),
                ]
                words += [str(months), str(offices), str(citizens), str(number), now.isoformat()]
                words.append(json.dumps([asdict(sample) for sample in samples]))
                with logs[part].open("w") as errors:
                    running[part] = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, text=True)
            for part, process in list(running.items()):
                assert process.stdout is not None
                line = process.stdout.readline()
                if line:
                    counted[part] = int(line)
                    say(f"  {sum(counted)}/{dossiers}")
                elif process.wait() == 0:
                    del running[part]
                else:
                    for other in running.values():
                        other.terminate()
                    raise CannotSeed(f"Phần {part} dừng giữa chừng:\n{logs[part].read_text()[-2000:]}")
    return sum(counted)


def finish(say: Say) -> None:
    """The post books what wants it today; PostgreSQL learns what the tables look like, so that plans are right."""
    post.open_pools(Agency.objects.get(key="BD_TINH"))
    say("Bưu điện nhận các yêu cầu đang chờ …")
    post.book_open_legs(say)
    say("Thống kê cho cơ sở dữ liệu …")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
