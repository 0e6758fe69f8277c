"""Two people, one feedback item. Real connections, real locks."""

from collections import Counter
from uuid import uuid4

import pytest
from django.utils import timezone

from hoso.models import Notice
from portal.access import SENDER
from portal.lifecycle import State
from portal.models import Feedback
from portal.services.feedback import intake, letters
from portal.services.feedback.door import StepRefused, advance
from tests.factories import World, world
from tests.portal.feedback_world import ANSWER, sent, staff, walked, words
from tests.portal.test_races import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def f() -> World:
    return staff(world())


def outcome(act):  # type: ignore[no-untyped-def]
    """What an act gives, its refusal included."""

    def run() -> object:
        try:
            return act()
        except Exception as error:
            return error

    return run


def test_two_handlers_answer_at_once_and_one_is_told_who_was_faster(f: World) -> None:
    feedback = walked(f, "accept")
    seen = feedback.last_seq
    results = together(
        outcome(lambda: advance(feedback.pk, "propose", by=f.more["handler"], seen=seen, text=ANSWER)),
        outcome(
            lambda: advance(feedback.pk, "propose", by=f.more["second"], seen=seen, text=ANSWER + " Xin lỗi.")
        ),
    )
    assert Counter(type(r).__name__ for r in results) == {"Feedback": 1, "StepRefused": 1}
    refused = next(r for r in results if isinstance(r, StepRefused))
    assert "vừa thực hiện “Trình ký trả lời”" in str(refused)
    stored = Feedback.objects.get()
    assert stored.answers.count() == 1
    assert [e.seq for e in stored.events.all()] == [1, 2, 3]


def test_signed_twice_at_once_it_has_one_number_and_one_message(f: World) -> None:
    feedback = walked(f, "propose")
    results = together(*[outcome(lambda: advance(feedback.pk, "sign", by=f.approver))] * 3)
    assert sum(isinstance(r, Feedback) for r in results) == 1
    assert feedback.answers.get().number.startswith("01/")
    assert Notice.objects.filter(template="feedback_answered", channel="email").count() == 1


def test_the_letter_asked_for_twice_at_once_is_made_once(f: World) -> None:
    answer = walked(f, "sign").answers.get()
    results = together(*[outcome(lambda: letters.file(answer).pk)] * 2)
    assert len(set(results)) == 1


def test_sent_twice_at_once_it_is_one_item(f: World) -> None:
    once = uuid4()
    results = together(*[outcome(lambda: intake.send(words(f), once=once, sender=f.citizen).pk)] * 3)
    assert len(set(results)) == 1
    assert Feedback.objects.get().events.count() == 1


def test_confirmed_twice_at_once_it_is_sent_once(f: World) -> None:
    feedback = intake.send(words(f), once=uuid4(), sender=None, address="203.0.113.9")
    code = Notice.objects.get(template="feedback_code").context["secret"]
    results = together(*[outcome(lambda: intake.confirm(feedback.pk, code).state)] * 2)
    assert State.NEW in results
    stored = Feedback.objects.get()
    assert (stored.state, stored.events.count()) == (State.NEW, 1)


def test_offered_twice_at_once_a_national_item_is_taken_over_once(f: World) -> None:
    at = f.more["handler"].date_joined
    take = outcome(lambda: intake.take_over(words(f), external_id="QG-1", sent_at=at).pk)
    assert len(set(together(take, take))) == 1


def test_written_down_twice_at_once_it_is_one_item(f: World) -> None:
    once, today = uuid4(), timezone.localdate()
    down = outcome(
        lambda: (
            intake.write_down(words(f), source="phone", received_on=today, by=f.desk_officer, once=once).pk
        )
    )
    assert len(set(together(down, down, down))) == 1
    assert Feedback.objects.get().events.count() == 1


def test_rated_twice_at_once_it_counts_once(f: World) -> None:
    feedback = walked(f, "sign", sent(f))
    rate = outcome(lambda: advance(feedback.pk, "rate", by=SENDER, rating="satisfied"))
    results = together(rate, rate)
    assert sum(isinstance(r, Feedback) for r in results) == 1
    assert feedback.events.filter(name="rate").count() == 1
