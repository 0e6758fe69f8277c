"""Pages of a list whose length is known already."""

from typing import Any

from django.core.paginator import Paginator


class KnownPaginator(Paginator):
    """A paginator that does not count again what has been counted; `known` is None where nothing has."""

    def __init__(self, found: Any, size: int, *, known: int | None) -> None:
        super().__init__(found, size)
        if known is not None:
            self.__dict__["count"] = known
