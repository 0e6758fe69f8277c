"""What static/js/upload.js speaks with: a file is begun, added to where it broke off, finished. Plain JSON, no pages.

POST   …/tai-len/            box, name, size, page    → {key, offset, url}
PATCH  …/tai-len/<key>/      Upload-Offset, bytes     → {offset}; 409 {offset} when it does not begin there
GET    …/tai-len/<key>/                               → {offset, state}
POST   …/tai-len/xong/       keys, sums (SHA-256)     → {files: [{key, state, text}]}
"""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from danhmuc.models import User
from hoso.models import AmendmentFile, Dossier
from hoso.models import State as DossierState
from hoso.services import partials, preparing
from hoso.services.errors import Refused
from portal import tasks
from portal.models import Upload
from portal.services import papers, uploads
from portal.views.flow import uploads_of

#: Where files still come in: a draft at once, a filed dossier by way of an amendment.
OPEN_FOR_FILES = (DossierState.DRAFT, *preparing.AMENDABLE)


class UploadView(View):
    """A draft of one's own, or a dossier that may be amended; another's does not exist. Whoever is signed out is led
    to the sign-in page.
    """

    dossier: Dossier
    person: User

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Fetch the draft before any method runs."""
        super().setup(request, *args, **kwargs)
        if isinstance(request.user, User):
            self.person = request.user
            mine = Dossier.objects.of(request.user).select_related("version")
            self.dossier = get_object_or_404(mine, submission_ref=kwargs["ref"], state__in=OPEN_FOR_FILES)

    def upload(self) -> Upload:
        """The file asked about."""
        return get_object_or_404(
            Upload, dossier=self.dossier, owner=self.person, key=UUID(self.kwargs["key"])
        )


class Begin(UploadView):
    """A file is going to come."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Where to send it, and from which byte on."""
        box, name, size = (request.POST.get(key, "") for key in ("box", "name", "size"))
        adding_to: papers.Paged | None = None
        of_draft = request.POST.get("page", "").startswith(
            reverse("portal:draft", kwargs={"ref": kwargs["ref"]})
        )
        try:
            if of_draft and self.dossier.state != DossierState.DRAFT:  # filed meanwhile, in another tab
                raise Refused(
                    _(
                        "Hồ sơ đã nộp nên tệp này chưa được nhận. Muốn thêm tệp, mở trang theo dõi hồ sơ rồi chọn Sửa hồ sơ."
                    )
                )
            if box[:1] in {"p", "t"} and box[1:].isdigit():
                adding_to = self.grown(box[0], int(box[1:]))
                box = next(b.name for b in papers.boxes(self.dossier) if b.holds(adding_to))
            length = int(size) if size.isdigit() else 0
            row = uploads.begin(self.dossier, box, name, length, by=self.person, adding_to=adding_to)
        except Refused as error:
            return JsonResponse({"text": str(error)}, status=422)
        return JsonResponse({"key": str(row.key), "offset": uploads.offset(row)})

    def grown(self, kind: str, pk: int) -> papers.Paged:
        """The file further pages are for: a paper, or one prepared for an amendment."""
        found: papers.Paged
        if kind == "p":
            found = get_object_or_404(uploads_of(self.dossier), pk=pk)
        else:
            writing = preparing.being_written(self.dossier)
            found = get_object_or_404(AmendmentFile, pk=pk, amendment=writing)
        if not papers.may_arrange(found):
            raise Http404
        return found


class Piece(UploadView):
    """How far a file is, and the next piece of it."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """How far it has come."""
        row = self.upload()
        return JsonResponse({"offset": uploads.offset(row), "state": row.state})

    def patch(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Keep what comes, however much it is before the network goes."""
        row = self.upload()
        given = request.headers.get("Upload-Offset", "")
        if not given.isdigit() or row.state != Upload.State.RECEIVING:
            return JsonResponse({"offset": uploads.offset(row), "state": row.state}, status=409)
        try:
            come = uploads.add_piece(row, int(given), request.read)
        except partials.OutOfStep as error:
            return JsonResponse({"offset": error.offset, "state": row.state}, status=409)
        except partials.Busy:
            return JsonResponse({"offset": uploads.offset(row), "state": row.state}, status=409)
        except Refused as error:
            return JsonResponse({"text": str(error)}, status=507)
        return JsonResponse({"offset": come, "state": row.state})


class Finish(UploadView):
    """Files that are whole become papers."""

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """What became of each; asked again, the same."""
        try:
            keys = [UUID(key) for key in request.POST.get("keys", "").split(",")]
        except ValueError:
            raise Http404 from None
        sums = request.POST.get("sums", "").split(",")
        try:
            rows = uploads.finish(self.dossier, keys, by=self.person, sums=sums)
        except uploads.NotWhole as error:
            return JsonResponse({"text": str(error), "offset": error.offset}, status=409)
        except Refused as error:
            return JsonResponse({"text": str(error)}, status=422)
        if any(row.state == Upload.State.READY for row in rows):
            tasks.prepare_uploads.delay()
        return JsonResponse(
            {"files": [{"key": str(r.key), "state": r.state, "text": uploads.why_refused(r)} for r in rows]}
        )
