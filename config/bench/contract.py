"""The load contract, and how a measurement stands against it. Times in milliseconds."""

from dataclasses import dataclass
from typing import Any

from config.bench.load import Sample


@dataclass(frozen=True)
class Limits:
    """What half, nineteen of twenty and ninety-nine of a hundred requests may take; None where nothing was promised."""

    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


#: On 2 cores and 24 GB with a million dossiers, for an officer with restricted rights.
PAGE = Limits(50, 150, 300)
STEP = Limits(100, 300, 500)
COUNTER = Limits(p95=50)
REPORT = Limits(p95=1000)
NOTHING = Limits()
#: From a hundred thousand to ten million dossiers the inbox may become that much slower, not more.
GROWTH = 1.5
GROWTH_FROM = 100_000


@dataclass
class Row:
    """One line of the result."""

    name: str
    sample: Sample
    limits: Limits = NOTHING
    connections: int = 1

    @property
    def measured(self) -> tuple[float, float, float]:
        """p50, p95, p99."""
        return self.sample.percentile(0.5), self.sample.percentile(0.95), self.sample.percentile(0.99)

    @property
    def ratio(self) -> float | None:
        """The worst of measured to promised: 1.0 is just kept. None without a promise."""
        limits = (self.limits.p50, self.limits.p95, self.limits.p99)
        parts = [found / limit for found, limit in zip(self.measured, limits, strict=True) if limit]
        return max(parts) if parts else None

    @property
    def verdict(self) -> str:
        """In a word."""
        return "" if self.ratio is None else "đạt" if self.ratio <= 1 else "CHƯA ĐẠT"

    def facts(self, bare_p50: float) -> dict[str, Any]:
        """For the JSON file."""
        p50, p95, p99 = self.measured
        sample = self.sample
        return {
            "name": self.name,
            "connections": self.connections,
            "requests": len(sample.seconds),
            "p50_ms": round(p50, 2),
            "p95_ms": round(p95, 2),
            "p99_ms": round(p99, 2),
            "per_second": round(sample.per_second, 1),
            "queries_max": max(sample.queries, default=0),
            "queries_mean": _mean(sample.queries),
            "cpu_ms_mean": _mean(sample.cpu_ms),
            "sql_ms_mean": _mean(sample.sql_ms),
            "kilobytes_mean": round(_mean(sample.sizes) / 1024, 1),
            "contract_ms": [self.limits.p50, self.limits.p95, self.limits.p99],
            "ratio": None if self.ratio is None else round(self.ratio, 3),
            "ratio_to_bare": round(p50 / bare_p50, 2) if bare_p50 else None,
            "verdict": self.verdict,
        }


def _mean(values: list[Any]) -> float:
    return round(sum(values) / len(values), 2) if values else 0.0


HEAD = (
    "phép đo",
    "kn",
    "p50",
    "p95",
    "p99",
    "cam kết",
    "tỷ lệ",
    "so trang trống",
    "yc/s",
    "ms CPU",
    "SQL",
    "ms SQL",
    "KB",
    "",
)


def table(rows: list[Row], bare_p50: float) -> list[str]:
    """The rows as aligned text; `kn` counts connections, `SQL` statements a request at most; processor time is the web server's."""
    lines = [list(HEAD)]
    for row in rows:
        facts = row.facts(bare_p50)
        promised = "/".join("–" if limit is None else f"{limit:g}" for limit in facts["contract_ms"])
        lines.append(
            [
                row.name,
                str(row.connections),
                *(f"{value:.1f}" for value in row.measured),
                promised if row.ratio is not None else "",
                "" if row.ratio is None else f"{row.ratio:.2f}",
                "" if not bare_p50 else f"{facts['ratio_to_bare']:.1f}×",
                f"{facts['per_second']:.0f}",
                f"{facts['cpu_ms_mean']:.1f}",
                str(facts["queries_max"]),
                f"{facts['sql_ms_mean']:.1f}",
                f"{facts['kilobytes_mean']:.0f}",
                row.verdict,
            ]
        )
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEAD))]
    return [
        "  ".join(
            [line[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True))]
        ).rstrip()
        for line in lines
    ]
