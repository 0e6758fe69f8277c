"""What the citizen pages keep for themselves."""

from portal.models.attempts import Attempt, KeptPage

__all__ = ["Attempt", "KeptPage"]
