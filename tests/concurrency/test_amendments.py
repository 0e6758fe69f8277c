"""The applicant amends while somebody else acts. Each round two connections meet at the dossier's lock; whoever comes
second is told, and the dossier is one of the two outcomes, never half of both.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from hoso.models import Amendment, Document, Dossier
from hoso.services import amendments, documents, history, preparing
from hoso.services.dossiers import advance
from hoso.services.errors import Refused, StepRefused
from tests.concurrency.test_races import at_once
from tests.factories import World, draft, walk
from tests.portal.helpers import PDF

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = range(4)
CHILD = "child_full_name"
NEW = "Hoàng Gia Bách"


def meet(round_: int, one: Callable[[], Any], two: Callable[[], Any]) -> list[Any]:
    """What each gave when both were let go at once; the one that is started first changes from round to round."""
    return at_once([one, two]) if round_ % 2 else at_once([two, one])[::-1]


def kinds(results: list[Any]) -> dict[str, int]:
    """How often each came out: what it made, or refused."""
    return dict(Counter("refused" if isinstance(r, Refused) else type(r).__name__ for r in results))


def file(name: str) -> documents.Received:
    """A file taken in."""
    return documents.receive(SimpleUploadedFile(name, PDF + name.encode()))


def prepared(w: World, dossier: Dossier) -> None:
    """A better file for the required paper, and the old one out; not yet sent."""
    component = w.version.components.get(order=2)
    preparing.prepare_file(dossier.pk, file("mới.pdf"), by=w.citizen, component=component)
    preparing.leave_out(dossier.pk, dossier.documents.get(kind="upload").pk, by=w.citizen)


def whole(dossier: Dossier) -> Dossier:
    """The stored dossier, whose history adds up."""
    assert list(history.problems(Dossier.objects.filter(pk=dossier.pk))) == []
    return Dossier.objects.get(pk=dossier.pk)


@pytest.mark.parametrize("what", ["answers", "papers"])
def test_the_desk_accepts_the_dossier_while_the_applicant_amends(w: World, what: str) -> None:
    for round_ in ROUNDS:
        dossier = walk(w, draft(w), "submit")
        prepared(w, dossier)
        seen = dossier.last_seq

        def amend(pk: int = dossier.pk, seen: int = seen) -> Dossier:
            if what == "papers":
                return amendments.send(pk, by=w.citizen, seen=seen)
            return advance(pk, "amend", by=w.citizen, seen=seen, changes={CHILD: NEW})

        def accept(pk: int = dossier.pk, seen: int = seen) -> Dossier:
            return advance(pk, "accept", by=w.desk_officer, seen=seen, eid_checked=True)

        assert kinds(meet(round_, amend, accept)) == {"Dossier": 1, "refused": 1}
        stored = whole(dossier)
        present = [d.name for d in stored.documents.filter(kind="upload", replaced_by=None)]
        amended = present == ["mới.pdf"] if what == "papers" else stored.answers[CHILD] == NEW
        # Accepted as the officer saw it, or amended and still to be accepted: never accepted with what nobody read.
        assert (stored.state, amended) in {("processing", False), ("submitted", True)}
        assert stored.amendments.filter(status="writing").exists() == (not amended or what == "answers")


def test_two_windows_amend_at_once(w: World) -> None:
    for round_ in ROUNDS:
        dossier = walk(w, draft(w), "submit")
        names = ["Hoàng Gia An", "Hoàng Gia Bình"]

        def amend(name: str, pk: int = dossier.pk, seen: int = dossier.last_seq) -> Callable[[], Dossier]:
            return lambda: advance(pk, "amend", by=w.citizen, seen=seen, changes={CHILD: name})

        results = meet(round_, *(amend(name) for name in names))
        assert kinds(results) == {"Dossier": 1, "refused": 1}
        refused = next(r for r in results if isinstance(r, StepRefused))
        assert "Sửa thông tin hồ sơ" in str(refused)
        won = names[next(n for n, r in enumerate(results) if isinstance(r, Dossier))]
        assert whole(dossier).answers[CHILD] == won


def test_two_windows_prepare_and_send_papers_at_once(w: World) -> None:
    component = w.version.components.get(order=2)
    files = [file(f"{n}.pdf") for n in range(4)]
    for _ in ROUNDS:
        dossier = walk(w, draft(w), "accept")

        def prepare(taken: documents.Received, pk: int = dossier.pk) -> Callable[[], Any]:
            return lambda: preparing.prepare_file(pk, taken, by=w.citizen, component=component)

        def send(pk: int = dossier.pk) -> Dossier:
            return amendments.send(pk, by=w.citizen, reason="Chụp lại")

        assert kinds(at_once([prepare(taken) for taken in files])) == {"AmendmentFile": 4}
        assert dossier.amendments.get().files.count() == 4
        assert kinds(at_once([send, send])) == {"Dossier": 1, "refused": 1}
        assert [a.status for a in dossier.amendments.all()] == ["waiting"]
        whole(dossier)


def test_the_desk_accepts_the_request_while_the_applicant_takes_it_back(w: World) -> None:
    for round_ in ROUNDS:
        dossier = walk(w, draft(w), "accept")
        prepared(w, dossier)
        amendments.send(dossier.pk, by=w.citizen, reason="Ảnh mờ", values={CHILD: NEW})
        results = meet(
            round_,
            lambda pk=dossier.pk: amendments.accept(pk, by=w.desk_officer),
            lambda pk=dossier.pk: amendments.take_back(pk, by=w.citizen),
        )
        assert sum(isinstance(r, Refused) for r in results) == 1
        stored, request = whole(dossier), dossier.amendments.get()
        accepted = request.status == "accepted"
        assert request.status == ("accepted" if isinstance(results[0], Dossier) else "taken_back")
        assert (stored.answers[CHILD] == NEW) is accepted
        assert Document.objects.filter(dossier=dossier, name="mới.pdf").exists() is accepted
        names = set(stored.events.values_list("name", flat=True))
        assert ("amend" in names, "take_back_amendment" in names) == (accepted, not accepted)


def test_two_officers_answer_one_request(w: World) -> None:
    for round_ in ROUNDS:
        dossier = walk(w, draft(w), "accept")
        amendments.ask(dossier.pk, by=w.citizen, values={CHILD: NEW}, reason="Ghi nhầm")
        seen = Dossier.objects.get(pk=dossier.pk).last_seq
        results = meet(
            round_,
            lambda pk=dossier.pk, seen=seen: amendments.accept(pk, by=w.desk_officer, seen=seen),
            lambda pk=dossier.pk, seen=seen: amendments.refuse(
                pk, by=w.desk_head, answer="Khác giấy chứng sinh", seen=seen
            ),
        )
        assert kinds(results) == {"Dossier": 1, "refused": 1}
        assert any(isinstance(r, StepRefused) for r in results)
        assert (whole(dossier).answers[CHILD] == NEW) is (dossier.amendments.get().status == "accepted")


def test_the_result_is_signed_while_the_applicant_asks(w: World) -> None:
    facts = {"outcome": "granted", "title": "Giấy khai sinh", "body": "Đã đăng ký."}
    for round_ in ROUNDS:
        dossier = walk(w, draft(w, papers_by="counter"), "finish_task")
        decided, asked = meet(
            round_,
            lambda pk=dossier.pk: advance(pk, "decide", by=w.approver, **facts),
            lambda pk=dossier.pk: amendments.ask(pk, by=w.citizen, values={CHILD: NEW}, reason="Ghi nhầm"),
        )
        assert decided.state == "decided"
        # Asked in time it lapsed with the decision; asked too late it was refused. Either way nothing waits.
        statuses = [a.status for a in dossier.amendments.all()]
        assert statuses == (["lapsed"] if isinstance(asked, Amendment) else [])
        assert whole(dossier).answers[CHILD] != NEW
