"""Item numbers of the post: S10, from the blocks allotted to a unit, each taken once and in order."""

from django.db import connection, transaction

from buuchinh.models import TrackingPool
from danhmuc.identifiers import make_tracking_number
from danhmuc.models import Agency
from hoso.services.errors import Refused


def open_pool(unit: Agency, *, first: int, last: int, service: str = "EP") -> TrackingPool:
    """Allot a block to a unit. Raises Refused when it overlaps one already allotted; opening it again changes nothing."""
    with transaction.atomic():
        # Two blocks opened at once are judged one after the other.
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {TrackingPool._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")
        same = TrackingPool.objects.filter(unit=unit, service=service, first=first, last=last).first()
        if same is not None:
            return same
        if TrackingPool.objects.filter(service=service, first__lte=last, last__gte=first).exists():
            raise Refused(f"Dải số {service} {first:08d}–{last:08d} chồng lên dải đã cấp.")
        return TrackingPool.objects.create(unit=unit, service=service, first=first, last=last, next=first)


def next_number(unit: Agency) -> str:
    """The next item number of a unit, else of the unit above it.

    The pool's row stays locked until the transaction ends, so a rollback leaves no gap. Raises Refused when every
    block is used up.
    """
    chain = [int(pk) for pk in unit.path.strip("/").split("/") if pk]
    for pk in reversed(chain):
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {TrackingPool._meta.db_table} SET next = next + 1 WHERE id = ("
                f" SELECT id FROM {TrackingPool._meta.db_table} WHERE unit_id = %s AND next <= last"
                " ORDER BY first LIMIT 1 FOR UPDATE) AND next <= last RETURNING service, next - 1",
                [pk],
            )
            row = cursor.fetchone()
        if row:
            return make_tracking_number(row[0], row[1])
    raise Refused(
        "Đơn vị bưu chính đã dùng hết dải số bưu gửi. Đầu mối Bưu điện xin cấp thêm dải số rồi thử lại."
    )
