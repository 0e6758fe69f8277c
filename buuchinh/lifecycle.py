"""Every state of a parcel and every step it can take (domain §11.2–11.5). Read this first.

One machine serves both legs. How the words of the law map onto it:

| text                                   | here                                                                  |
|----------------------------------------|-----------------------------------------------------------------------|
| §11.2 request REGISTERED … ASSIGNED    | REGISTERED, CONFIRMED (time agreed), ASSIGNED; FAILED, CANCELLED      |
| §11.3 leg A CREATED                    | any of the three above                                                |
| §11.3 COLLECTED … HANDED_OVER          | the same names; REJECTED_AT_COUNT, DAMAGED, LOST                      |
| §11.5 leg B REQUESTED, READY           | REGISTERED, ASSIGNED: the result waits at the desk for its carrier     |
| §11.5 COLLECTED_FROM_DESK … DELIVERED  | COLLECTED, IN_TRANSIT, DELIVERED                                      |
| §11.5 ATTEMPT_FAILED(n) … RETURNED     | ATTEMPT_FAILED (`attempts` counts), RETURNING, RETURNED_TO_AGENCY     |

Steps are taken through `services/parcels.py` only.
"""

from datetime import datetime

from django.db import models
from django_fsm import RETURN_VALUE, FSMField, FSMModelMixin, transition

from buuchinh.access import may


class Leg(models.TextChoices):
    """Which way a parcel goes."""

    PICKUP = "pickup", "Nhận hồ sơ"
    RETURN = "return", "Phát kết quả"


class State(models.TextChoices):
    """Where a parcel is; the words post staff read."""

    REGISTERED = "registered", "Mới đăng ký"
    CONFIRMED = "confirmed", "Đã hẹn giờ"
    ASSIGNED = "assigned", "Đã giao bưu tá"
    COLLECTED = "collected", "Bưu tá đã nhận"
    IN_TRANSIT = "in_transit", "Đang chuyển"
    AT_DESK = "at_desk", "Đã đến Một cửa, chờ kiểm đếm"
    HANDED_OVER = "handed_over", "Đã bàn giao Một cửa"
    REJECTED_AT_COUNT = "rejected_at_count", "Thiếu khi kiểm đếm"
    GIVEN_BACK = "given_back", "Đã trả giấy tờ cho người gửi"
    DELIVERED = "delivered", "Đã phát"
    ATTEMPT_FAILED = "attempt_failed", "Chưa phát được"
    RETURNING = "returning", "Đang chuyển hoàn"
    RETURNED_TO_AGENCY = "returned_to_agency", "Đã chuyển hoàn Một cửa"
    LOST = "lost", "Thất lạc"
    DAMAGED = "damaged", "Hư hại"
    FAILED = "failed", "Không nhận được hồ sơ"
    CANCELLED = "cancelled", "Đã hủy"


S = State
WAITING = (S.REGISTERED, S.CONFIRMED, S.ASSIGNED)
WITH_CARRIER = (S.COLLECTED, S.IN_TRANSIT, S.ATTEMPT_FAILED)
CARRIED = (*WITH_CARRIER, S.AT_DESK, S.RETURNING)
LIVE = (*WAITING, *CARRIED, S.REJECTED_AT_COUNT)
#: What a carrier still has to do something about.
ON_ROUTE = (S.ASSIGNED, *WITH_CARRIER, S.AT_DESK, S.RETURNING)


def is_pickup(parcel: "Lifecycle") -> bool:
    """Leg A: papers from the applicant to the desk."""
    return parcel.leg == Leg.PICKUP


def is_return(parcel: "Lifecycle") -> bool:
    """Leg B: the result from the desk to the receiver."""
    return parcel.leg == Leg.RETURN


class Lifecycle(FSMModelMixin, models.Model):
    """The state machine of a parcel. `at` is always the moment of the step."""

    leg = models.CharField("chiều", max_length=8, choices=Leg)
    state = FSMField("tình trạng", choices=State, default=State.REGISTERED, protected=True)
    attempts = models.PositiveSmallIntegerField("số lần chưa được", default=0)
    collected_at = models.DateTimeField("nhận lúc", null=True, blank=True)
    finished_at = models.DateTimeField("xong lúc", null=True, blank=True)

    class Meta:
        abstract = True

    # -- Before the road ---------------------------------------------------------------------------------------

    @transition(
        state,
        list(WAITING),
        RETURN_VALUE(S.CONFIRMED, S.ASSIGNED),
        permission=may("confirm"),
        custom={"label": "Hẹn ngày"},
    )
    def confirm(self, at: datetime) -> str:
        """The post agreed the day and part of day with the person (ĐT-1326); one with a carrier stays with them."""
        return State.ASSIGNED if self.state == State.ASSIGNED else State.CONFIRMED

    @transition(
        state,
        [S.REGISTERED, S.CONFIRMED, S.ASSIGNED],
        S.ASSIGNED,
        permission=may("assign"),
        custom={"label": "Giao bưu tá"},
    )
    def assign(self, at: datetime) -> None:
        """A carrier is named; another one may be named until the parcel is taken."""

    @transition(
        state,
        [*WITH_CARRIER, S.AT_DESK, S.RETURNING],
        None,
        permission=may("reassign"),
        custom={"label": "Đổi bưu tá"},
    )
    def reassign(self, at: datetime) -> None:
        """The parcel passes to a colleague on the way."""

    @transition(
        state,
        S.ASSIGNED,
        S.ASSIGNED,
        conditions=[is_pickup],
        permission=may("miss"),
        custom={"label": "Chưa nhận được hồ sơ"},
    )
    def miss(self, at: datetime) -> None:
        """Nobody at home, or papers not ready: another day is agreed."""
        self.attempts += 1

    @transition(
        state, list(WAITING), S.FAILED, permission=may("abandon"), custom={"label": "Không nhận được hồ sơ"}
    )
    def abandon(self, at: datetime) -> None:
        """The request is given up (§11.2 FAILED); the applicant is told how else to hand in."""
        self.finished_at = at

    @transition(state, list(WAITING), S.CANCELLED, permission=may("cancel"), custom={"label": "Hủy yêu cầu"})
    def cancel(self, at: datetime) -> None:
        """No longer needed: the dossier ended, or the person came to the desk."""
        self.finished_at = at

    # -- Leg A -------------------------------------------------------------------------------------------------

    @transition(
        state,
        S.ASSIGNED,
        S.COLLECTED,
        conditions=[is_pickup],
        permission=may("collect"),
        custom={"label": "Nhận hồ sơ"},
    )
    def collect(self, at: datetime) -> None:
        """Papers counted with the applicant, note co-signed, packed in front of them (QĐ45 6.2–6.6)."""
        self.collected_at = at

    @transition(
        state,
        [S.COLLECTED, S.IN_TRANSIT],
        S.AT_DESK,
        conditions=[is_pickup],
        permission=may("arrive"),
        custom={"label": "Đã đến Một cửa"},
    )
    def arrive(self, at: datetime) -> None:
        """Brought to the desk, not yet counted."""

    @transition(
        state,
        S.AT_DESK,
        S.HANDED_OVER,
        conditions=[is_pickup],
        permission=may("hand_over"),
        custom={"label": "Bàn giao Một cửa"},
    )
    def hand_over(self, at: datetime) -> None:
        """The joint count equals the note; both sign. `at` is the legal moment of submission (QĐ45 7.4)."""
        self.finished_at = at

    @transition(
        state,
        S.AT_DESK,
        S.REJECTED_AT_COUNT,
        conditions=[is_pickup],
        permission=may("reject_at_count"),
        custom={"label": "Ghi nhận thiếu khi kiểm đếm"},
    )
    def reject_at_count(self, at: datetime) -> None:
        """The joint count finds something missing; the applicant is guided."""

    @transition(
        state,
        S.REJECTED_AT_COUNT,
        S.AT_DESK,
        conditions=[is_pickup],
        permission=may("supply"),
        custom={"label": "Đã bổ sung giấy tờ thiếu"},
    )
    def supply(self, at: datetime) -> None:
        """What was missing is there; the papers are counted again."""

    @transition(
        state,
        S.REJECTED_AT_COUNT,
        S.GIVEN_BACK,
        conditions=[is_pickup],
        permission=may("give_back"),
        custom={"label": "Trả giấy tờ cho người gửi"},
    )
    def give_back(self, at: datetime) -> None:
        """The applicant wants the papers back instead of completing them (§11.3.8)."""
        self.finished_at = at

    # -- Leg B -------------------------------------------------------------------------------------------------

    @transition(
        state,
        S.ASSIGNED,
        S.COLLECTED,
        conditions=[is_return],
        permission=may("take_result"),
        custom={"label": "Nhận kết quả từ Một cửa"},
    )
    def take_result(self, at: datetime) -> None:
        """Joint count at the desk, note co-signed, sealed before the agency's representative (QĐ45 Art 9)."""
        self.collected_at = at

    @transition(state, S.COLLECTED, S.IN_TRANSIT, permission=may("depart"), custom={"label": "Lên đường"})
    def depart(self, at: datetime) -> None:
        """Left the place where it was taken."""

    @transition(
        state,
        list(WITH_CARRIER),
        S.DELIVERED,
        conditions=[is_return],
        permission=may("deliver"),
        custom={"label": "Phát kết quả"},
    )
    def deliver(self, at: datetime) -> None:
        """Given to the receiver against identity and signature; the dossier is completed with it (invariant 11)."""
        self.finished_at = at

    @transition(
        state,
        list(WITH_CARRIER),
        S.ATTEMPT_FAILED,
        conditions=[is_return],
        permission=may("fail"),
        custom={"label": "Chưa phát được"},
    )
    def fail(self, at: datetime) -> None:
        """An attempt failed; invitations follow (TT17 5.2h)."""
        self.attempts += 1

    @transition(
        state,
        S.ATTEMPT_FAILED,
        S.RETURNING,
        conditions=[is_return],
        permission=may("start_return"),
        custom={"label": "Chuyển hoàn"},
    )
    def start_return(self, at: datetime) -> None:
        """Two invitations without answer, refusal or no such address: back to the agency that sent it."""

    @transition(
        state,
        S.RETURNING,
        S.RETURNED_TO_AGENCY,
        conditions=[is_return],
        permission=may("hand_back"),
        custom={"label": "Một cửa nhận lại kết quả"},
    )
    def hand_back(self, at: datetime) -> None:
        """The desk has the result again; the dossier stays decided (invariant 11)."""
        self.finished_at = at

    # -- Mishaps -----------------------------------------------------------------------------------------------

    @transition(state, list(CARRIED), S.LOST, permission=may("report_lost"), custom={"label": "Báo thất lạc"})
    def report_lost(self, at: datetime) -> None:
        """The post answers for it (QĐ45 Art 14; NĐ47 Art 25)."""
        self.finished_at = at

    @transition(
        state, list(CARRIED), S.DAMAGED, permission=may("report_damaged"), custom={"label": "Báo hư hại"}
    )
    def report_damaged(self, at: datetime) -> None:
        """The post answers for it (QĐ45 Art 14; NĐ47 Art 25)."""
        self.finished_at = at
