"""Parcels of the demo's history."""

from random import Random

from hoso.services.case import Case


def write_parcels(cases: list[Case], rng: Random) -> None:
    """Nothing yet."""
