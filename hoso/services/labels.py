"""What the steps of a lifecycle are called, of dossiers and of parcels alike."""

from functools import cache
from typing import Any


@cache
def step_labels(machine: type[Any]) -> dict[str, str]:
    """The Vietnamese name of each step of a model with a state machine."""
    return {t.name: str(t.custom.get("label", t.name)) for t in machine().get_all_state_transitions()}
