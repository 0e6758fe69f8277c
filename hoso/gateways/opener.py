"""Has a stranger's file opened by a process of its own, bounded in memory, processor time and output.

Whatever a file does to the program that opens it, this process only learns that it did not end well.
"""

import json
import logging
import os
import subprocess
import sys
from typing import Any

from django.conf import settings

from hoso.gateways.opening.kinds import Unfit

logger = logging.getLogger(__name__)

MEMORY = 1536 * 1024 * 1024
FILE_SIZE = 256 * 1024 * 1024


def run(job: str, *, seconds: int = 15, **facts: Any) -> dict[str, Any]:
    """The answer of one job (see `hoso.gateways.opening`). Raises Unfit, "too_heavy" when a bound was reached."""
    order = {"job": job, "memory": MEMORY, "seconds": seconds, "file_size": FILE_SIZE, **facts}
    process = subprocess.Popen(
        [sys.executable, "-E", "-s", "-m", "hoso.gateways.opening"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        out, err = process.communicate(json.dumps(order, default=str).encode(), timeout=seconds * 3)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
    line = out.partition(b"\n")[0]
    if not line:
        logger.warning(
            "Không mở xong tệp %s (%s): %s",
            facts.get("path"),
            process.returncode,
            err[-600:].decode("utf-8", "replace"),
        )
        raise Unfit("too_heavy")
    answer: dict[str, Any] = json.loads(line)
    if "unfit" in answer:
        raise Unfit(answer.pop("unfit"), **answer)
    return answer
