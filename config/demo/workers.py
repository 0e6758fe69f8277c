"""Processes that tell the partitions side by side. Each starts from nothing and sets Django up before all else."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ProcessPoolExecutor, wait
from functools import cache
from multiprocessing.queues import SimpleQueue
from typing import TYPE_CHECKING

import django

from config.demo.plan import Plan

if TYPE_CHECKING:
    from config.demo.teller import Teller

#: (partition, dossiers written so far)
Counts = SimpleQueue[tuple[int, int]]
#: Seconds between two looks at how far the processes are.
LOOK = 2

_counts: Counts


def tell_all(plan: Plan, shares: Sequence[int], jobs: int, say: Callable[[int], None]) -> int:
    """Tell each partition its share of dossiers, `jobs` partitions at a time; the count of dossiers written.

    `say` gets the count so far. Raises BrokenProcessPool when a process is killed, else what went wrong in it.
    """
    context = multiprocessing.get_context("spawn")
    counts: Counts = context.SimpleQueue()
    written = [0] * len(shares)
    with ProcessPoolExecutor(jobs, context, initializer=_report_to, initargs=(counts,)) as pool:
        pending = {pool.submit(_tell, plan, part, share) for part, share in enumerate(shares)}
        try:
            while pending:
                done, pending = wait(pending, timeout=LOOK, return_when=FIRST_EXCEPTION)
                before = sum(written)
                while not counts.empty():
                    part, number = counts.get()
                    written[part] = number
                if sum(written) > before:
                    say(sum(written))
                for future in done:
                    future.result()
        except BaseException:
            for process in multiprocessing.active_children():
                process.terminate()
            raise
    return sum(written)


def _report_to(counts: Counts) -> None:
    global _counts
    _counts = counts


@cache
def _teller(plan: Plan) -> "Teller":
    django.setup()
    from config.demo.teller import Teller

    return Teller(plan)


def _tell(plan: Plan, part: int, share: int) -> None:
    _teller(plan).tell(part, share, lambda written: _counts.put((part, written)))
