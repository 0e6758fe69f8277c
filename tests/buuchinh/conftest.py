"""The small province with a block of item numbers, and the ways a parcel travels in tests."""

import pytest

from buuchinh.lifecycle import Leg
from buuchinh.models import Parcel
from buuchinh.services import booking, codes, handovers, pickup, tracking
from danhmuc.models import PostalTariff, User
from hoso.models import Dossier
from tests.factories import SINCE, World, draft, step, walk


class Post:
    """What happens to a dossier by post, told in a few verbs."""

    def __init__(self, w: World) -> None:
        self.w = w

    def accepted(self, **values: object) -> Dossier:
        """Online, accepted, papers awaited from the post."""
        return walk(self.w, draft(self.w, postal=True, **values), "accept")

    def decided(self, **values: object) -> Dossier:
        """Papers came by post and matched; the result is issued; the fee was paid at the door."""
        dossier = self.accepted(**values)
        self.brought(self.collected(self.booked(dossier)))
        items = [{"name": "Giấy chứng sinh", "matches": True}]
        dossier = step(self.w, dossier, "check_papers", "desk_officer", {"items": items})
        for name, who, facts in (
            ("hand_over", "desk_officer", {}),
            ("sign_for", "division_head", {}),
            ("assign", "division_head", {"assignee": "case_officer"}),
            ("finish_task", "case_officer", {"result": "Đủ điều kiện", "proposed_outcome": "granted"}),
            ("decide", "approver", {"outcome": "granted", "title": "Giấy khai sinh", "body": "Đã đăng ký."}),
            ("issue_result", "clerk", {}),
        ):
            dossier = step(self.w, dossier, name, who, facts)
        return dossier

    def booked(self, dossier: Dossier, leg: str = Leg.PICKUP, carrier: User | None = None) -> Parcel:
        """The parcel the minute's job makes."""
        booking.book_due()
        parcel = Parcel.objects.get(dossier=dossier, leg=leg)
        carrier = carrier or self.w.carrier
        if parcel.carrier_id != carrier.pk:
            pickup.assign(parcel.pk, by=self.w.coordinator, carrier=carrier)
            parcel.refresh_from_db()
        return parcel

    def collected(self, parcel: Parcel, fee: int = 8000, **more: object) -> Parcel:
        """Papers and fee taken at the door by the parcel's carrier."""
        facts = {
            "papers": range(len(parcel.papers)),
            "fee": fee,
            "signed_name": "Nguyễn Thị Thanh Hương",
            "identity_checked": True,
        } | more
        return pickup.collect(parcel.pk, by=parcel.carrier, **facts)

    def code(self, carrier: User | None = None) -> str:
        """Six digits on the carrier's phone."""
        return codes.digits(codes.make(carrier or self.w.carrier))

    def sign(self, *, carrier: User | None = None, by: User | None = None, **lines: object):
        """One record at the desk."""
        who = carrier or self.w.carrier
        return handovers.sign(
            self.w.desk, by=by or self.w.desk_officer, carrier=who, code=self.code(who), **lines
        )

    def counted(self, parcel: Parcel, **more: object) -> handovers.Counted:
        """Everything on the list is there."""
        return handovers.Counted(parcel.pk, frozenset(range(len(handovers.wanted_papers(parcel)))), **more)

    def brought(self, parcel: Parcel):
        """Counted whole at the desk."""
        parcel.refresh_from_db()
        return self.sign(incoming=[self.counted(parcel)], carrier=parcel.carrier)

    def taken(self, dossier: Dossier) -> Parcel:
        """The result left the desk with the carrier."""
        parcel = self.booked(dossier, Leg.RETURN)
        self.sign(outgoing=[parcel.pk])
        parcel.refresh_from_db()
        return parcel


@pytest.fixture
def post(w: World) -> Post:
    """A province whose post has numbers to give and a published price list."""
    tracking.open_pool(w.post, first=1, last=9_999)
    for service, price in (("nhan_gui_ho_so", 26000), ("chuyen_tra_ket_qua", 26000), ("thu_ho", 8000)):
        PostalTariff.objects.create(
            tariff_key="thu",
            service=service,
            scope="bat_ky",
            weight_from=0,
            weight_to=500,
            price=price,
            valid_from=SINCE,
        )
    return Post(w)
