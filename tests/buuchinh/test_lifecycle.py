"""Every state and step of a parcel, as tables: step × leg × state, step × person."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from buuchinh.lifecycle import CARRIED, LIVE, WAITING, WITH_CARRIER, Leg, State
from buuchinh.models import Parcel, ParcelEvent
from buuchinh.services import parcels
from hoso.services.errors import StepRefused
from tests.buuchinh.conftest import Post
from tests.factories import World

S = State
BOTH, A, B = (Leg.PICKUP, Leg.RETURN), (Leg.PICKUP,), (Leg.RETURN,)
#: Step → legs, from, to (None: unchanged), and who may take it.
TABLE: dict[str, tuple[tuple[Leg, ...], tuple[State, ...], State | None, frozenset[str]]] = {
    "confirm": (BOTH, WAITING, S.CONFIRMED, frozenset({"carrier", "coordinator"})),
    "assign": (BOTH, (S.REGISTERED, S.CONFIRMED, S.ASSIGNED), S.ASSIGNED, frozenset({"coordinator", "system"})),
    "reassign": (BOTH, (*WITH_CARRIER, S.AT_DESK, S.RETURNING), None, frozenset({"coordinator"})),
    "miss": (A, (S.ASSIGNED,), S.ASSIGNED, frozenset({"carrier"})),
    "abandon": (BOTH, WAITING, S.FAILED, frozenset({"coordinator"})),
    "cancel": (BOTH, WAITING, S.CANCELLED, frozenset({"coordinator", "system"})),
    "collect": (A, (S.ASSIGNED,), S.COLLECTED, frozenset({"carrier"})),
    "arrive": (A, (S.COLLECTED, S.IN_TRANSIT), S.AT_DESK, frozenset({"carrier", "desk_officer", "desk_head"})),
    "hand_over": (A, (S.AT_DESK,), S.HANDED_OVER, frozenset({"desk_officer", "desk_head"})),
    "reject_at_count": (A, (S.AT_DESK,), S.REJECTED_AT_COUNT, frozenset({"desk_officer", "desk_head"})),
    "supply": (A, (S.REJECTED_AT_COUNT,), S.AT_DESK, frozenset({"desk_officer", "desk_head"})),
    "give_back": (A, (S.REJECTED_AT_COUNT,), S.GIVEN_BACK, frozenset({"desk_officer", "desk_head"})),
    "take_result": (B, (S.ASSIGNED,), S.COLLECTED, frozenset({"desk_officer", "desk_head"})),
    "depart": (BOTH, (S.COLLECTED,), S.IN_TRANSIT, frozenset({"carrier"})),
    "deliver": (B, WITH_CARRIER, S.DELIVERED, frozenset({"carrier"})),
    "fail": (B, WITH_CARRIER, S.ATTEMPT_FAILED, frozenset({"carrier"})),
    "start_return": (B, (S.ATTEMPT_FAILED,), S.RETURNING, frozenset({"carrier", "coordinator"})),
    "hand_back": (B, (S.RETURNING,), S.RETURNED_TO_AGENCY, frozenset({"desk_officer", "desk_head"})),
    "report_lost": (BOTH, CARRIED, S.LOST, frozenset({"carrier", "coordinator"})),
    "report_damaged": (BOTH, CARRIED, S.DAMAGED, frozenset({"carrier", "coordinator"})),
}  # fmt: skip
PEOPLE = (
    "citizen", "neighbour", "desk_officer", "desk_head", "other_desk_officer", "case_officer", "approver", "cashier",
    "carrier", "other_carrier", "coordinator", "supervisor", "system_admin", "system",
)  # fmt: skip


def at_state(parcel: Parcel, leg: str, state: str) -> Parcel:
    """The parcel as if it stood there, in memory alone."""
    parcel.leg = leg
    parcel.__dict__["state"] = state
    return parcel


def test_the_table_names_every_step() -> None:
    transitions = list(Parcel().get_all_state_transitions())
    assert {t.name for t in transitions} == set(TABLE)
    for transition in transitions:
        assert transition.permission is not None
        assert parcels.label_of(transition.name) != transition.name


@pytest.mark.parametrize("name", TABLE)
def test_where_each_step_starts_and_ends(w: World, post: Post, name: str) -> None:
    legs, sources, target, _ = TABLE[name]
    parcel = post.booked(post.accepted())
    for leg in Leg:
        for state in State:
            at_state(parcel, leg, state)
            names = {t.name for t in parcel.get_available_state_transitions()}
            assert (name in names) == (leg in legs and state in sources), (leg, state)
    ends = {t.target for t in Parcel().get_all_state_transitions() if t.name == name}
    if name == "confirm":  # one that has a carrier stays with them
        assert ends.pop().allowed_states == (S.CONFIRMED, S.ASSIGNED)
    else:
        assert ends == {target}


@pytest.mark.parametrize("name", TABLE)
def test_who_may_take_each_step(w: World, post: Post, name: str) -> None:
    legs, sources, _, allowed = TABLE[name]
    parcel = at_state(post.booked(post.accepted()), legs[0], sources[0])
    for who in PEOPLE:
        names = dict(parcels.steps_for(parcel, getattr(w, who)))
        assert (name in names) == (who in allowed), who


def test_ended_parcels_go_nowhere(w: World, post: Post) -> None:
    parcel = post.booked(post.accepted())
    for leg in Leg:
        for state in set(State) - set(LIVE):
            at_state(parcel, leg, state)
            assert not list(parcel.get_available_state_transitions())


def test_steps_are_recorded_once_and_in_order(w: World, post: Post) -> None:
    parcel = post.collected(post.booked(post.accepted()))
    post.brought(parcel)
    parcel.refresh_from_db()
    events = list(parcel.events.all())
    assert [e.seq for e in events] == list(range(1, parcel.last_seq + 1))
    assert [e.name for e in events] == ["register", "assign", "collect", "arrive", "hand_over"]
    assert [e.source for e in events[1:]] == [e.target for e in events[:-1]]
    assert parcel.state == events[-1].target


def test_a_wrong_state_names_the_last_step_and_a_stranger_is_refused(w: World, post: Post) -> None:
    parcel = post.collected(post.booked(post.accepted()))
    with pytest.raises(StepRefused, match="Nguyễn Văn Tám vừa thực hiện “Nhận hồ sơ”"):
        parcels.advance(parcel.pk, "cancel", by=w.coordinator)
    with pytest.raises(PermissionDenied):
        parcels.advance(parcel.pk, "depart", by=w.other_carrier)


@pytest.mark.parametrize(
    "table", ["parcelevent", "consignmentnote", "handoverrecord", "handoverline", "remittanceline"]
)
def test_what_was_signed_is_never_changed(w: World, post: Post, table: str) -> None:
    post.brought(post.collected(post.booked(post.accepted())))
    for statement in (f"UPDATE buuchinh_{table} SET id = id", f"DELETE FROM buuchinh_{table}"):
        with pytest.raises(IntegrityError, match="chỉ được ghi thêm"), transaction.atomic():
            connection.cursor().execute(statement)


def test_a_leg_has_one_live_parcel(w: World, post: Post) -> None:
    parcel = post.booked(post.accepted())
    twin = Parcel(
        dossier=parcel.dossier, leg=parcel.leg, unit=parcel.unit, scope=parcel.scope, contact="x",
        registered_at=parcel.registered_at,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="one_live_parcel_a_leg"), transaction.atomic():
        twin.save()
    parcels.advance(parcel.pk, "cancel", by=w.coordinator, note="Người nộp tự mang đến")
    twin.save()
    assert ParcelEvent.objects.filter(parcel=parcel).count() == 3
