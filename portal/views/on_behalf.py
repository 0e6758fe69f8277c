"""Applying: for whom. Oneself, an organisation one acts for, or another with a paper of authority."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.ui import sentence
from hoso.models import Document
from hoso.services import organisations
from hoso.services.errors import Refused, StepRefused
from portal.forms.on_behalf import OnBehalfForm
from portal.services import behalf, drafts, papers
from portal.views.flow import FlowView


class OnBehalf(FlowView):
    """One question, and what an authority needs."""

    template_name = "portal/on_behalf.html"
    part = "on_behalf"
    title = gettext_lazy("Nộp cho ai")

    def make(self, *args: Any, **kwargs: Any) -> OnBehalfForm:
        """The form with the organisations one acts for now."""
        mine = [one for one in organisations.organisations_of(self.applicant) if one.pk != self.applicant.pk]
        kwargs.setdefault("initial", OnBehalfForm.start_values(self.dossier, self.applicant))
        return OnBehalfForm(self.applicant, mine, *args, **kwargs)

    def show(self, **context: Any) -> HttpResponse:
        """The question with the papers handed in."""
        ref = self.dossier.submission_ref
        papers = [
            {
                "id": d.pk,
                "name": d.name,
                "url": reverse("portal:file", kwargs={"ref": ref, "pk": d.pk}),
                "size": d.size,
                "note": "",
                "remove": "_remove",
            }
            for d in behalf.papers_of(self.dossier)
        ]
        context.setdefault("form", self.make(self.kept))
        return super().show(papers=papers, writer=self.dossier.applicant_id == self.applicant.pk, **context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the choice; what was typed stays on the page when something is wrong."""
        if elsewhere := self.elsewhere():
            return elsewhere
        if (gone := request.POST.get("_remove", "")).isdecimal():
            return self.remove(int(gone))
        form = self.make(request.POST, request.FILES)
        if form.is_valid():
            try:
                behalf.choose(
                    self.dossier.pk,
                    by=self.applicant,
                    organisation=form.organisation,
                    principal=form.principal,
                    paper=form.cleaned_data.get("paper"),
                )
                return self.saved()
            except StepRefused as error:
                return self.stale(error)
            except Refused as error:
                form.add_error("paper" if form.cleaned_data.get("paper") else None, error.told)
        return self.show(form=form)

    def saved(self) -> HttpResponse:
        """On; a missing paper is told but stops nobody yet."""
        self.dossier.refresh_from_db(fields=["on_behalf", "organisation", "owner_name"])
        if drafts.lacks_authority(self.dossier):
            messages.warning(self.request, _("Đã lưu. Còn thiếu giấy ủy quyền; phải có trước khi nộp hồ sơ."))
        else:
            messages.success(
                self.request, sentence(_("Đã lưu: %(words)s."), words=behalf.in_words(self.dossier))
            )
        if self.request.GET.get("ve") == "kiem-tra":
            return redirect("portal:check", ref=self.dossier.submission_ref)
        return redirect("portal:draft", ref=self.dossier.submission_ref)

    def remove(self, document_id: int) -> HttpResponse:
        """Take a paper out again; pressing twice does no harm."""
        try:
            document = papers.remove(self.dossier, document_id, by=self.applicant)
            messages.success(self.request, sentence(_("Đã xóa tệp %(name)s."), name=document.name))
        except Document.DoesNotExist:
            messages.info(self.request, _("Tệp này đã được xóa."))
        except StepRefused as error:
            return self.stale(error)
        except Refused as error:
            messages.error(self.request, error.told)
        return redirect("portal:on_behalf", ref=self.dossier.submission_ref)
