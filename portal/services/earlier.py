"""What somebody has said in earlier dossiers, so that it is not asked from nothing again (TT32 Art 6).

About oneself an answer is offered where the account knows none. The rest of a form is somebody else's child or
another plot of land: it is only taken over when the person asks for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from config.formats import vndate
from danhmuc.models import ProcedureVersion, User
from hoso.models import Dossier, State
from hoso.services.answers import EMPTY, Spec, all_fields, sections_of, source_of

#: So many of the latest dossiers are looked at.
MOST = 5
#: Sources that speak of the person who writes, whoever the dossier is for.
ONESELF = "submitter."


@dataclass(frozen=True)
class Before:
    """The answers of one section as given in an earlier dossier of the same procedure."""

    ref: str
    on: str
    answers: dict[str, Any]


class Earlier:
    """The latest filed dossiers of one person, read at most once."""

    def __init__(self, user: User, dossier: Dossier) -> None:
        self.user, self.dossier = user, dossier

    @cached_property
    def filed(self) -> list[Dossier]:
        """Newest first."""
        mine = Dossier.objects.visible_to(self.user).filter(applicant=self.user).exclude(state=State.DRAFT)
        return list(
            mine.select_related("version")
            .only("answers", "submission_ref", "submitted_at", "procedure_id", "version__eform")
            .order_by("-created_at")[:MOST]
        )

    def offers(self, section: Spec, known: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
        """(value, where it comes from) by source, for questions of the section the account has no answer to."""
        open_sources = {
            source
            for field in section["fields"]
            if (source := source_of(field)).startswith(ONESELF)
            and source not in known
            and field["key"] not in self.dossier.answers
        }
        found: dict[str, tuple[Any, str]] = {}
        for before in self.filed if open_sources else ():
            for field in all_fields(before.version):
                source, value = source_of(field), before.answers.get(field["key"])
                if source in open_sources and source not in found and value not in EMPTY:
                    found[source] = (value, origin(before))
        return found

    def section(self, version: ProcedureVersion, number: int) -> Before | None:
        """What the same procedure was told last time on this page; only questions that are still asked the same way."""
        specs = {spec["key"]: spec for spec in sections_of(version)[number - 1]["fields"]}
        same = (b for b in self.filed if b.procedure_id == self.dossier.procedure_id)
        for before in same:
            then = {spec["key"]: spec for spec in all_fields(before.version)}
            answers = {
                key: before.answers[key]
                for key, spec in specs.items()
                if before.answers.get(key) not in EMPTY
                and key in then
                and (spec["type"], spec.get("choices")) == (then[key]["type"], then[key].get("choices"))
                and spec["type"] != "file_ref"
                and not spec.get("sensitive")
            }
            if answers:
                return Before(before.submission_ref, vndate(before.submitted_at), answers)
        return None


def origin(before: Dossier) -> str:
    """Where an answer comes from, in words."""
    return _("Lấy từ hồ sơ %(ref)s nộp ngày %(day)s, sửa nếu đã khác.") % {
        "ref": before.submission_ref,
        "day": vndate(before.submitted_at),
    }
