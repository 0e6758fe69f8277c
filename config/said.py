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


def facts_of(text: str) -> dict[str, Any] | None:
    """What a row keeps beside a sentence, as JSON; None for words that are nobody's but the writer's."""
    if not isinstance(text, Said):
        return None
    facts = {
        name: facts_of(value) or (value if isinstance(value, int) else str(value))
        for name, value in text.facts.items()
    }
    return {"words": text.words, "facts": facts}


def read(text: str, kept: Mapping[str, Any] | None) -> str:
    """The sentence a row has kept, with its facts again; the bare text of a row without."""
    if not kept:
        return text
    facts = {
        name: read("", value) if isinstance(value, Mapping) else value
        for name, value in kept["facts"].items()
    }
    return Said(kept["words"], **facts)
