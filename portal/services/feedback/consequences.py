"""Step → what follows from it, as one table. All of it is written in the transaction of the step, or none of it."""

from collections.abc import Callable
from typing import Any

from danhmuc.models import User
from danhmuc.text import fold
from hoso.services.errors import Refused
from hoso.services.numbers import DatabaseSeries, agency_abbreviation, paper_number
from portal.models import Feedback, FeedbackAnswer, FeedbackEvent, FeedbackHolding
from portal.services import masking
from portal.services.feedback import clock, letters, notices

Facts = dict[str, Any]
Follow = Callable[[Feedback, FeedbackEvent, Facts], None]


def _note_facts(*names: str) -> Follow:
    def follow(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
        event.data |= {name: facts[name] for name in names if facts.get(name) not in (None, "")}

    return follow


def _receive(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    """The agency's clock begins with its first receipt; coming back does not begin it anew."""
    holding, fresh = FeedbackHolding.objects.get_or_create(
        feedback=feedback, agency=feedback.agency, defaults={"received_at": event.at}
    )
    if not fresh and holding.left_at is not None:
        holding.left_at = None
        holding.save(update_fields=["left_at"])


def _set_dates(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    clock.set_dates(feedback, [*feedback.events.order_by("seq"), event], event.at)


def _classify_kind(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    if facts.get("kind"):
        event.data["kind"] = feedback.kind = facts["kind"]
    if facts.get("field") is not None:
        feedback.field = facts["field"]
        event.data["field"] = feedback.field.code


def _wait(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    feedback.wait_until = clock.after(feedback.agency, event.at, clock.WAIT, event.at)


def _wait_no_more(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    feedback.wait_until = None


def _pass_on(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    """The other agency gets it; how late this one was stays readable in its holding."""
    holding = FeedbackHolding.objects.get(feedback=feedback, agency=feedback.agency)
    holding.left_at = event.at
    holding.save(update_fields=["left_at"])
    event.data |= {"from": feedback.agency_id, "to": facts["to"].pk, "to_name": facts["to"].name}
    if (
        feedback.due_at is not None
        and clock.classify(event.at, feedback.due_at) == Feedback.Timeliness.OVERDUE
    ):
        event.data["late"] = True
    feedback.agency, feedback.assignee = facts["to"], None


def _give_to(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    feedback.assignee = facts["assignee"]
    event.data["assignee"] = facts["assignee"].full_name


def open_answer(feedback: Feedback) -> FeedbackAnswer | None:
    """The answer being written."""
    return feedback.answers.filter(signed_at=None).first()


def _write_answer(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    answer = open_answer(feedback) or FeedbackAnswer(feedback=feedback, seq=feedback.answers.count() + 1)
    assert isinstance(event.actor, User)
    answer.text, answer.drafted_by, answer.drafted_at = facts["text"].strip(), event.actor, event.at
    answer.save()
    event.data["text"] = answer.text


def _sign_answer(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    answer = open_answer(feedback)
    if answer is None:
        raise Refused("Chưa có dự thảo trả lời.")
    serial = paper_number(DatabaseSeries(), "feedback_answer", feedback.agency, event.at)
    answer.number = f"{serial:02d}/TLPA-{agency_abbreviation(feedback.agency)}"
    answer.signed_by, answer.signed_at = event.actor, event.at
    answer.facts = letters.facts_of(feedback, answer)
    answer.save()
    event.data |= {"number": answer.number, "text": answer.text}
    feedback.first_answered_at = feedback.first_answered_at or event.at


def _finish(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    assert feedback.due_at is not None
    feedback.timeliness = clock.classify(event.at, feedback.due_at)
    event.data["timeliness"] = feedback.timeliness


def _publish_clock(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    if feedback.is_from_nation:
        feedback.publish_due_at = clock.after(feedback.agency, event.at, clock.NATIONAL_PUBLISH, event.at)


def _publish(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    feedback.public_title = masking.clean(facts["title"]).strip()
    feedback.public_content = masking.clean(facts["content"]).strip()
    feedback.public_answer = masking.clean(facts["answer"]).strip()
    feedback.search_key = fold(
        f"{feedback.public_title} {feedback.public_content} {feedback.public_answer} {feedback.agency.name}"
    )


def _unpublish(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    feedback.search_key = ""


def _keep_rating_note(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    feedback.rating_note = facts["note"]
    event.data["rating"] = feedback.rating


def _begin_again(feedback: Feedback, event: FeedbackEvent, facts: Facts) -> None:
    feedback.timeliness, feedback.publish_due_at, feedback.search_key = "", None, ""


CONSEQUENCES: dict[str, list[Follow]] = {
    "submit": [_receive, _set_dates, notices.tell_sender],
    "accept": [_classify_kind, notices.tell_sender],
    "reject": [_wait_no_more, _finish, notices.tell_sender],
    "guide_elsewhere": [_note_facts("which"), _wait_no_more, _finish, notices.tell_sender],
    "ask_info": [_wait, notices.tell_sender],
    "give_info": [_wait_no_more, _set_dates],
    "forward": [_pass_on, _receive, _set_dates, notices.tell_sender],
    "assign": [_give_to],
    "note": [],
    "urge": [],
    "draft": [_write_answer],
    "propose": [_write_answer],
    "return_draft": [],
    "sign": [_sign_answer, _finish, _publish_clock, notices.tell_sender],
    "publish": [_publish],
    "unpublish": [_unpublish],
    "rate": [_keep_rating_note],
    "reopen": [_begin_again, _set_dates, notices.tell_sender],
}
