"""What the law said is a matter of the moment asked about, not of who asked first."""

from datetime import date

from danhmuc.models import Calendar
from danhmuc.services import calendars
from hoso.services.law import Law
from tests.factories import World, moment


def test_a_calendar_published_at_noon_is_known_from_noon(w: World) -> None:
    day = date(2026, 10, 14)
    own = Calendar.objects.create(
        key="OWN", name="Lịch của phường", agency=w.commune, base=Calendar.objects.get(key="VN")
    )
    change = calendars.Day(day, "holiday", "Ngày truyền thống")
    calendars.publish_calendar_change(own, add=[change], published_at=moment("2026-10-05 12:00"))
    law = Law()
    assert law.calendar(w.commune, moment("2026-10-05 09:00")).is_working_day(day)
    assert not law.calendar(w.commune, moment("2026-10-05 14:00")).is_working_day(day)
    assert law.calendar(w.commune, moment("2026-10-05 11:59")).name == "Lịch làm việc chung"
    assert law.calendar(w.other_commune, moment("2026-10-05 14:00")).is_working_day(day)
