"""Every state a feedback item can have and every step it can take (domain §16.4). Read this first.

How the words of the law map onto it:

| text                         | here                                                                            |
|------------------------------|---------------------------------------------------------------------------------|
| (before)                     | UNCONFIRMED: sent without signing in, the code not yet typed; no officer sees it |
| NEW, ACCEPTED, REJECTED …    | the same names; NOT_FEEDBACK is a complaint or denunciation, guided elsewhere     |
| FORWARDED                    | with another agency that has not yet accepted it                                 |
| IN_PROGRESS                  | IN_PROGRESS while somebody works, TO_SIGN while the answer waits for its signer    |
| RATED(SATISFIED/UNSATISFIED) | a step that leaves the state alone: an answer is rated before or after publishing |
| reopening once               | `reopen`, back to ACCEPTED with a clock of its own                               |

Steps are taken through `services/feedback/door.py` only.
"""

from datetime import datetime

from django.db import models
from django_fsm import RETURN_VALUE, FSMField, FSMModelMixin, transition

from portal.access import may


class State(models.TextChoices):
    """Where a feedback item stands; the words officers read."""

    UNCONFIRMED = "unconfirmed", "Chờ xác nhận liên hệ"
    NEW = "new", "Mới đến"
    ACCEPTED = "accepted", "Đã tiếp nhận"
    NEEDS_INFO = "needs_info", "Chờ người gửi bổ sung"
    FORWARDED = "forwarded", "Được chuyển đến"
    IN_PROGRESS = "in_progress", "Đang xử lý"
    TO_SIGN = "to_sign", "Chờ ký trả lời"
    ANSWERED = "answered", "Đã trả lời"
    PUBLISHED = "published", "Đã công khai"
    REJECTED = "rejected", "Không tiếp nhận"
    NOT_FEEDBACK = "not_feedback", "Không phải phản ánh"


class Rating(models.TextChoices):
    """What the sender says of the answer."""

    SATISFIED = "satisfied", "Hài lòng"
    UNSATISFIED = "unsatisfied", "Không hài lòng"


S = State
ARRIVED = (S.NEW, S.FORWARDED)
IN_HAND = (S.ACCEPTED, S.IN_PROGRESS, S.TO_SIGN)
#: Work not yet ended; the clock of an agency runs in all of them but NEEDS_INFO.
OPEN = (*ARRIVED, *IN_HAND, S.NEEDS_INFO)
REPLIED = (S.ANSWERED, S.PUBLISHED)
ENDED = (*REPLIED, S.REJECTED, S.NOT_FEEDBACK)


class Lifecycle(FSMModelMixin, models.Model):
    """The state machine of a feedback item. `at` is always the moment of the step."""

    state = FSMField("tình trạng", choices=State, default=State.UNCONFIRMED, protected=True)
    received_at = models.DateTimeField("nhận lúc", null=True, blank=True)
    accepted_at = models.DateTimeField("tiếp nhận lúc", null=True, blank=True)
    answered_at = models.DateTimeField("trả lời lúc", null=True, blank=True)
    finished_at = models.DateTimeField("xử lý xong lúc", null=True, blank=True)
    published_at = models.DateTimeField("công khai lúc", null=True, blank=True)
    reopened_at = models.DateTimeField("mở lại lúc", null=True, blank=True)
    rating = models.CharField("đánh giá", max_length=12, choices=Rating, blank=True)
    rated_at = models.DateTimeField("đánh giá lúc", null=True, blank=True)

    class Meta:
        abstract = True

    # -- Arrival -----------------------------------------------------------------------------------------------

    @transition(state, S.UNCONFIRMED, S.NEW, permission=may("submit"), custom={"label": "Gửi phản ánh"})
    def submit(self, at: datetime) -> None:
        """Sent by somebody known: signed in, confirmed by a code, or taken over from the national system."""
        self.received_at = at

    @transition(state, list(ARRIVED), S.ACCEPTED, permission=may("accept"), custom={"label": "Tiếp nhận"})
    def accept(self, at: datetime) -> None:
        """The agency is competent and takes it on, classified."""
        self.accepted_at = at

    @transition(
        state,
        [*ARRIVED, S.ACCEPTED, S.NEEDS_INFO],
        S.REJECTED,
        permission=may("reject"),
        custom={"label": "Không tiếp nhận"},
    )
    def reject(self, at: datetime) -> None:
        """Not taken on, with the reason told to the sender."""
        self.finished_at = at

    @transition(
        state,
        [*ARRIVED, S.ACCEPTED, S.NEEDS_INFO],
        S.NOT_FEEDBACK,
        permission=may("guide_elsewhere"),
        custom={"label": "Hướng dẫn khiếu nại, tố cáo"},
    )
    def guide_elsewhere(self, at: datetime) -> None:
        """A complaint or denunciation: the sender is guided to the proper procedure; never published."""
        self.finished_at = at

    @transition(
        state,
        [*ARRIVED, S.ACCEPTED, S.IN_PROGRESS],
        S.NEEDS_INFO,
        permission=may("ask_info"),
        custom={"label": "Yêu cầu bổ sung thông tin"},
    )
    def ask_info(self, at: datetime) -> None:
        """Something must be known before anybody can answer."""

    @transition(
        state,
        S.NEEDS_INFO,
        RETURN_VALUE(S.ACCEPTED, S.IN_PROGRESS),
        permission=may("give_info"),
        custom={"label": "Bổ sung thông tin"},
    )
    def give_info(self, at: datetime) -> str:
        """The sender answers; whoever worked on it goes on."""
        self.accepted_at = self.accepted_at or at
        return State.IN_PROGRESS if self.assignee_id else State.ACCEPTED

    @transition(
        state,
        [*ARRIVED, S.ACCEPTED, S.IN_PROGRESS],
        S.FORWARDED,
        permission=may("forward"),
        custom={"label": "Chuyển cơ quan có thẩm quyền"},
    )
    def forward(self, at: datetime) -> None:
        """Another agency is competent; due within five working days of receipt (NĐ20/08)."""
        self.accepted_at = None

    # -- Work --------------------------------------------------------------------------------------------------

    @transition(
        state,
        [S.ACCEPTED, S.IN_PROGRESS],
        S.IN_PROGRESS,
        permission=may("assign"),
        custom={"label": "Giao người xử lý"},
    )
    def assign(self, at: datetime) -> None:
        """A named officer works on it."""

    @transition(state, list(OPEN), None, permission=may("note"), custom={"label": "Ghi chú nội bộ"})
    def note(self, at: datetime) -> None:
        """Words for colleagues, never shown to the sender."""

    @transition(state, list(OPEN), None, permission=may("urge"), custom={"label": "Đôn đốc"})
    def urge(self, at: datetime) -> None:
        """A supervisor urges the agency."""

    @transition(
        state,
        [S.ACCEPTED, S.IN_PROGRESS],
        S.IN_PROGRESS,
        permission=may("draft"),
        custom={"label": "Lưu dự thảo trả lời"},
    )
    def draft(self, at: datetime) -> None:
        """The answer, not yet finished."""

    @transition(
        state,
        [S.ACCEPTED, S.IN_PROGRESS],
        S.TO_SIGN,
        permission=may("propose"),
        custom={"label": "Trình ký trả lời"},
    )
    def propose(self, at: datetime) -> None:
        """The answer goes to whoever may sign it."""

    @transition(
        state, S.TO_SIGN, S.IN_PROGRESS, permission=may("return_draft"), custom={"label": "Trả lại dự thảo"}
    )
    def return_draft(self, at: datetime) -> None:
        """The signer wants it otherwise, and says how."""

    @transition(state, S.TO_SIGN, S.ANSWERED, permission=may("sign"), custom={"label": "Ký trả lời"})
    def sign(self, at: datetime) -> None:
        """A written reply with number and signer goes to the sender (PT 17.3)."""
        self.answered_at = self.finished_at = at

    # -- Afterwards --------------------------------------------------------------------------------------------

    @transition(
        state, S.ANSWERED, S.PUBLISHED, permission=may("publish"), custom={"label": "Công khai câu trả lời"}
    )
    def publish(self, at: datetime) -> None:
        """Question and answer, without personal data, on the public page."""
        self.published_at = at

    @transition(
        state,
        S.PUBLISHED,
        S.ANSWERED,
        permission=may("unpublish"),
        custom={"label": "Gỡ khỏi trang công khai"},
    )
    def unpublish(self, at: datetime) -> None:
        """Taken off the public page again, with a reason."""
        self.published_at = None

    @transition(state, list(REPLIED), None, permission=may("rate"), custom={"label": "Đánh giá câu trả lời"})
    def rate(self, at: datetime, rating: str) -> None:
        """Whether the sender is content, once an answer."""
        self.rating = rating
        self.rated_at = at

    @transition(
        state, list(REPLIED), S.ACCEPTED, permission=may("reopen"), custom={"label": "Đề nghị xem lại"}
    )
    def reopen(self, at: datetime) -> None:
        """The sender is not content and asks once more; possible once."""
        self.reopened_at = self.accepted_at = at
        self.answered_at = self.finished_at = self.published_at = self.rated_at = None
        self.rating = ""
