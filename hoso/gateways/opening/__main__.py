"""One job, read as JSON from standard input; the answer goes to standard output before anything that may still fail."""

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any


def main() -> None:
    """Bound this process, then work."""
    job: dict[str, Any] = json.load(sys.stdin)
    memory, seconds, size = job["memory"], job["seconds"], job["file_size"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from hoso.gateways.opening.kinds import Unfit

    try:
        answer = _JOBS[job["job"]](job)
    except Unfit as unfit:
        answer = {"unfit": unfit.code, **unfit.facts}
    except MemoryError:
        answer = {"unfit": "too_heavy"}
    _say(answer)
    if job["job"] == "look" and answer.get("media_type") == "application/pdf" and job["preview"]:
        _first_page(job["path"], job["preview"])


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _look(job: dict[str, Any]) -> dict[str, Any]:
    from hoso.gateways.opening.kinds import PDF, PICTURES, Unfit, sniff

    path = Path(job["path"])
    with path.open("rb") as file:
        kind = sniff(file.read(1024))
    if kind == PDF:
        from hoso.gateways.opening import pdf

        answer = asdict(pdf.look(path, max_pages=job["max_pages"]))
        if answer["signed"]:
            from hoso.gateways.opening import signatures

            answer["signatures"] = signatures.read(path, roots=job["roots"])
        return answer
    if kind in PICTURES:
        from hoso.gateways.opening import pictures

        return asdict(pictures.look(path, kind, tidy=Path(job["tidy"]), preview=job["preview"]))
    if kind == "zip":
        from hoso.gateways.opening import office

        return asdict(office.look(path))
    raise Unfit("old_office" if kind == "old-office" else "kind")


def _bind(job: dict[str, Any]) -> dict[str, Any]:
    from hoso.gateways.opening import pictures

    notes = pictures.bind(job["pages"], Path(job["tidy"]), preview=job["preview"], most=job["max_pages"])
    return {"notes": notes}


def _signatures(job: dict[str, Any]) -> dict[str, Any]:
    from hoso.gateways.opening import signatures

    return {"signatures": signatures.read(Path(job["path"]), roots=job["roots"], ask=job["ask"])}


def _first_page(path: str, prefix: str) -> None:
    """A small picture of the first page. A PDF that cannot be drawn has none."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    page = document[0]
    scale = 160 / max(page.get_width(), page.get_height(), 1)
    page.render(scale=scale).to_pil().convert("RGB").save(f"{prefix}-1.jpg", "JPEG", quality=70)


_JOBS = {"look": _look, "bind": _bind, "signatures": _signatures}

if __name__ == "__main__":
    main()
