"""A sentence that still knows what it was made of."""

from collections.abc import Mapping
from typing import Any


class Said(str):
    """A Vietnamese sentence of ours, put together where no page is near: its words, a text of the catalogue, and the
    facts that fill them. It is the finished sentence wherever a string is; `config.retold` tells it in another language.
    """

    words: str
    facts: Mapping[str, Any]

    def __new__(cls, words: str, /, **facts: Any) -> "Said":
        """`words` with each `%(name)s` filled."""
        made = super().__new__(cls, words % facts)
        made.words, made.facts = words, facts
        return made

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """A copy knows the same."""
        return (self.words,), dict(self.facts)

    def __str__(self) -> str:
        """Itself: `str` of it forgets nothing."""
        return self
