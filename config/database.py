"""Reading of DATABASE_URL."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

# Pages send many small statements. Worker processes for one of them cost more than they bring, just-in-time
# compilation too; and Django writes its joins in the order in which they are looked up, so that weighing every
# other order took longer than the answer (measured with `make bench`: three to eight times less time in SQL).
PLANNER = "-c max_parallel_workers_per_gather=0 -c jit=off -c join_collapse_limit=4"


def from_url(url: str, *, statement_timeout_ms: int = 0, conn_max_age: int = 60) -> dict[str, Any]:
    """Django's DATABASES entry for `postgresql://user:password@host:port/name?host=/socket&sslmode=…`.

    Query parameters other than `host` go to libpq as they are. A page may not hold a statement longer than
    `statement_timeout_ms` (0: no limit) nor wait for a lock longer than a third of it.
    Raises ValueError for anything that is not PostgreSQL.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(f"DATABASE_URL phải bắt đầu bằng postgresql://, không phải {parts.scheme or url!r}")
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    limits = (
        f"-c statement_timeout={statement_timeout_ms} -c lock_timeout={statement_timeout_ms // 3} {PLANNER}"
    )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": conn_max_age,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "dichvucong", "connect_timeout": 5, "options": limits, **options},
    }
