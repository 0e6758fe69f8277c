"""How long dossiers really take: working days from the events, without the days the applicant was waited for."""

from collections.abc import Callable
from datetime import datetime

import pytest

from hoso.models import Dossier
from portal.models import ProcessingTime
from portal.services import times
from portal.tasks import count_times
from tests.factories import World, draft, hold, step, walk
from tests.page import Visitor

At = Callable[[str], datetime]
DECIDE = {"outcome": "granted", "title": "Giấy khai sinh", "body": "Đã đăng ký."}
FINISH = {"result": "Đủ điều kiện", "proposed_outcome": "granted"}


@pytest.fixture(autouse=True)
def _three_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "FEWEST", 3)


def decided(w: World, at: At, accepted: str, on: str, *, held: tuple[str, str] | None = None) -> Dossier:
    """A dossier accepted and decided on these days, paused between two others."""
    at(f"{accepted} 09:00")
    dossier = walk(w, draft(w), "assign")
    if held:
        at(f"{held[0]} 10:00")
        dossier = hold(w, dossier)
        at(f"{held[1]} 10:00")
        dossier = step(w, dossier, "resume", "desk_officer", {"received_at_desk": True})
    at(f"{on} 15:00")
    dossier = step(w, dossier, "finish_task", "case_officer", FINISH)
    return step(w, dossier, "decide", "approver", DECIDE)


def test_days_are_working_days_and_pauses_do_not_count(w: World, at: At) -> None:
    # Thu 01/10 to Mon 05/10/2026 are two working days; the day of acceptance is not counted.
    decided(w, at, "2026-10-01", "2026-10-05")
    decided(w, at, "2026-10-01", "2026-10-01")
    # Ten working days, of which 06–13/10 were waited for (Tue to Tue: five).
    decided(w, at, "2026-10-01", "2026-10-15", held=("2026-10-06", "2026-10-13"))
    at("2026-11-24 08:00")
    assert count_times() == 2, "một dòng của xã, một dòng toàn tỉnh"
    for row in ProcessingTime.objects.all():
        assert (row.dossiers, row.median, row.ninth_tenth) == (3, 2, 5)
    assert {row.agency for row in ProcessingTime.objects.all()} == {None, w.commune}


def test_few_old_and_undecided_dossiers_say_nothing(w: World, at: At) -> None:
    decided(w, at, "2026-10-01", "2026-10-05")
    decided(w, at, "2026-10-01", "2026-10-05")
    walk(w, draft(w), "accept")
    step(w, walk(w, draft(w), "accept"), "withdraw", "citizen", {"note": "Không còn nhu cầu."})
    at("2026-11-24 08:00")
    assert times.count() == 0
    decided(w, at, "2026-10-01", "2026-10-05")
    at("2026-11-24 08:00")
    assert times.count() == 2
    at("2027-10-06 08:00")
    assert times.count() == 0, "số liệu cũ không ở lại"


def test_the_page_says_it_in_words_for_the_unit_chosen(w: World, at: At, visit: Visitor) -> None:
    address = f"/thu-tuc/{w.version.procedure.code}/"
    assert "Thực tế" not in visit(address).text
    for on in ("2026-10-01", "2026-10-05", "2026-10-09"):
        decided(w, at, "2026-10-01", on)
    at("2026-11-24 08:00")
    times.count()
    page = visit(address, budget=14)
    assert "Một nửa số hồ sơ xong trong 2 ngày, 9 trên 10 xong trong 6 ngày làm việc" in page.text
    assert "Thời gian thực tế trong tỉnh" in page.text
    chosen = visit(f"{address}?noi={w.commune.key}", budget=14)
    assert f"Thời gian thực tế tại {w.commune.name}" in chosen.text
    assert chosen.one("//select[@name='noi']/option[@selected]").get("value") == w.commune.key
    assert "trong tỉnh" in visit(f"{address}?noi=KHONG_CO").text


@pytest.mark.parametrize(
    ("median", "most", "words"),
    [
        (0, 0, "9 trên 10 hồ sơ xong ngay trong ngày"),
        (0, 3, "Một nửa số hồ sơ xong trong ngày, 9 trên 10 xong trong 3 ngày làm việc"),
        (4, 4, "9 trên 10 hồ sơ xong trong 4 ngày làm việc"),
    ],
)
def test_same_day_and_equal_figures_have_their_own_words(
    w: World, visit: Visitor, at: At, median: int, most: int, words: str
) -> None:
    now = at("2026-11-24 08:00")
    ProcessingTime.objects.create(
        procedure=w.version.procedure, dossiers=9, median=median, ninth_tenth=most, counted_at=now
    )
    assert words in visit(f"/thu-tuc/{w.version.procedure.code}/").text
