"""Makes the demo province: cast first, then the stories of each partition, side by side on the cores there are."""

import os
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from functools import partial
from random import Random

from django.db import connection
from django.utils import timezone

from baocao import publishing
from config.demo import amended, begun, company, feedback, files, filing, money, post, workers
from config.demo.cast import gather
from config.demo.plan import PARTITIONS, Plan
from config.demo.teller import Teller
from danhmuc.models import Agency, Procedure
from hoso.models import Dossier
from portal.services import times

Say = Callable[[str], None]
MOST_JOBS = 8


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
    plan = Plan(months, offices, citizens, number, now, files.samples())
    shares = _shares(dossiers, len({office.desk.pk for office in cast.offices}))
    say(f"{dossiers} hồ sơ trong {months} tháng, đi theo đúng các bước …")
    jobs = jobs or min(os.cpu_count() or 1, MOST_JOBS)
    done = _tell(plan, shares, jobs, lambda written: say(f"  {written}/{dossiers}"))
    company.found(cast, plan)
    begun.write_down(cast, plan)
    filing.ask_at_home(cast, plan)
    amended.tell(cast, plan)
    money.lay_out(cast, Random(number), now)
    feedback.tell(cast, Random(number + 1), now, say)
    _finish(say)
    return done


def _shares(dossiers: int, desks: int) -> list[int]:
    """Dossiers a partition. The first holds the office with named people and gets a quarter of all; partitions
    without a desk get none.
    """
    others = min(desks, PARTITIONS) - 1
    first = dossiers if others == 0 else max(1, dossiers // 4)
    share, rest = divmod(dossiers - first, max(others, 1))
    shares = [first, *(share + (part < rest) for part in range(others))]
    return shares + [0] * (PARTITIONS - len(shares))


def _tell(plan: Plan, shares: list[int], jobs: int, say: Callable[[int], None]) -> int:
    if jobs > 1:
        connection.close()
        try:
            return workers.tell_all(plan, shares, jobs, say)
        except BrokenProcessPool:
            raise CannotSeed(
                "Một tiến trình bị hệ điều hành dừng giữa chừng, thường vì thiếu bộ nhớ. "
                "Xóa dữ liệu dở dang (make clean-demo) rồi chạy lại với --jobs 1."
            ) from None
    teller, done = Teller(plan), 0
    for part, share in enumerate(shares):
        done += teller.tell(part, share, partial(lambda before, written: say(before + written), done))
    return done


def _finish(say: Say) -> None:
    """The post books what wants it today; PostgreSQL learns what the tables look like, so that plans are right."""
    post.open_pools(Agency.objects.get(key="BD_TINH"))
    say("Bưu điện nhận các yêu cầu đang chờ …")
    post.book_open_legs(say)
    post.fill_the_round()
    say("Thời gian giải quyết thực tế, kết quả công khai của từng cơ quan …")
    times.count()
    publishing.publish(timezone.now())
    say("Thống kê cho cơ sở dữ liệu …")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
