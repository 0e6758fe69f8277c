"""What the demo is to be like. Knows no Django: the processes that tell it read this before they set Django up."""

from dataclasses import dataclass
from datetime import datetime

#: Agencies are dealt into so many partitions, each with its own random numbers and number series: processes can work
#: side by side and the result does not depend on how many there are.
PARTITIONS = 16


@dataclass(frozen=True)
class Sample:
    """A stored file that stands for what people upload."""

    sha256: str
    size: int
    media_type: str
    pages: int
    suffix: str


@dataclass(frozen=True)
class Plan:
    """The same for every partition and every process."""

    months: int
    offices: int
    citizens: int
    number: int
    now: datetime
    samples: tuple[Sample, ...]
