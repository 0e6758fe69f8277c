"""The pages of a file made of photographs: in another order, turned, one out, some more. In a draft and in an amendment."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.ui import sentence
from hoso.models import AmendmentFile, Document
from hoso.services import preparing
from hoso.services.errors import Refused, StepRefused
from portal.forms.papers import PagesForm
from portal.services import papers
from portal.services.papers import Paged
from portal.views.amend import AmendView
from portal.views.flow import uploads_of
from portal.views.papers import PapersView
from portal.views.taking import NOTES, TakingMixin, preview_url


class PagesMixin(TakingMixin):
    """What both pages do; each says which file it is and where one comes from."""

    request: HttpRequest

    @cached_property
    def file(self) -> Paged:
        """The file; one that is gone is not found."""
        raise NotImplementedError

    @property
    def cards(self) -> str:
        """Where one goes on."""
        raise NotImplementedError

    def about(self, form: PagesForm | None = None) -> dict[str, Any]:
        """What portal/pages_form.html takes: every page with its place."""
        file = self.file
        form = form or PagesForm(file.pages or 1, self.limit)
        rows = [
            {
                "number": number,
                "thumb": preview_url(self.dossier, file, number),
                "name": leaf.original["name"],
                "note": str(NOTES.get(leaf.original.get("note", ""), "")),
                "place": form[f"place_{number}"],
                "turn": form[f"turn_{number}"],
                "out": form[f"out_{number}"],
            }
            for number, leaf in enumerate(papers.leaves_of(file), 1)
        ]
        kind = "t" if isinstance(file, AmendmentFile) else "p"
        sending = self.sending(box=f"{kind}{file.pk}", after=self.cards)
        return {
            "form": form,
            "file": file,
            "rows": rows,
            "more": form["more"],
            "limit": self.limit,
            "sending": sending,
            "to_cards": self.cards,
        }

    def bind(self) -> PagesForm | None:
        """The file anew as the person wants it; the form when it has to be shown again. Raises StepRefused."""
        request, file = self.request, self.file
        form = PagesForm(file.pages or 1, self.limit, request.POST, request.FILES)
        if not form.is_valid():
            return form
        try:
            leaves = form.arranged(papers.leaves_of(file))
            if leaves is not None:
                file = papers.arrange(self.dossier, file, leaves, by=self.applicant)
                messages.success(request, sentence(_("Đã lưu các trang của tệp %(name)s."), name=file.name))
        except (Document.DoesNotExist, AmendmentFile.DoesNotExist):
            messages.info(request, _("Tệp này vừa được thay ở cửa sổ khác."))
            return None
        except StepRefused:
            raise
        except Refused as error:
            form.add_error(None, error.told)
            return form
        box = next((b.name for b in self.boxes if b.holds(file)), "")
        came, wrong = self.take(box, form.cleaned_data["more"], adding_to=file)
        if came:
            messages.success(
                request, ngettext("Đã thêm %(n)d trang.", "Đã thêm %(n)d trang.", came) % {"n": came}
            )
        for text in wrong:
            messages.error(request, text)
        return None


class Pages(PagesMixin, PapersView):
    """Of a file in a draft."""

    template_name = "portal/pages.html"
    title = gettext_lazy("Các trang của tệp")

    @cached_property
    def file(self) -> Paged:
        """The document."""
        found: Document | None = uploads_of(self.dossier).filter(pk=self.kwargs["pk"]).first()
        if found is None or not papers.may_arrange(found):
            raise Http404
        return found

    @property
    def cards(self) -> str:
        """The papers of the draft."""
        return self.address("papers")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The pages; a file that has been put in another's place meanwhile leads back to the cards."""
        if elsewhere := self.elsewhere():
            return elsewhere
        if self.dossier.documents.filter(pk=kwargs["pk"]).exclude(removed_at=None).exists():
            return self.to_papers()
        return self.show(**self.about())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Bind the file anew."""
        if elsewhere := self.elsewhere():
            return elsewhere
        try:
            form = self.bind()
        except StepRefused as error:
            return self.stale(error)
        return self.to_papers() if form is None else self.show(**self.about(form))


class AmendPages(PagesMixin, AmendView):
    """Of a file prepared for an amendment (`tep`), or of one the dossier has (`dang-co`), which gives way to it."""

    template_name = "portal/amend_pages.html"
    headings = gettext_lazy("Các trang của tệp"), gettext_lazy("Các trang của tệp")

    @cached_property
    def file(self) -> Paged:
        """The file held apart, or the present document an applicant may change."""
        known, found = {"pk": self.kwargs["pk"]}, None
        if self.kwargs["kind"] == "dang-co":
            found = uploads_of(self.dossier).filter(**known).first()
        elif (writing := preparing.being_written(self.dossier)) is not None:
            found = writing.files.filter(**known).first()
        if found is None or not papers.may_arrange(found):
            raise Http404
        return found

    @property
    def cards(self) -> str:
        """The papers of the amendment."""
        return reverse("portal:amend_papers", kwargs={"ref": self.dossier.submission_ref})

    @property
    def back(self) -> dict[str, Any]:
        """The same."""
        return {"url": self.cards, "text": _("Sửa giấy tờ")}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The pages."""
        return self.elsewhere() or self.show()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Bind the file anew; nothing is sent by it."""
        if elsewhere := self.elsewhere():
            return elsewhere
        form = self.bind()
        return redirect(self.cards) if form is None else self.show(form)

    def show(self, form: PagesForm | None = None) -> HttpResponse:
        """Draw the page."""
        return self.render_to_response(self.get_context_data(**self.about(form)))
