"""A procedure that takes no electronic submission: the form to print, the papers to bring, and where to."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from config.ui import sentence
from danhmuc.models import Agency, Procedure, User
from danhmuc.services import desk_for
from portal.forms.apply import AgencyForm
from portal.services import blank_forms
from portal.views.base import PublicMixin
from portal.views.finding import fee_text
from portal.views.procedures import paper_counts


class ByHand(PublicMixin, TemplateView):
    """What to prepare, and where the chosen agency takes it in."""

    template_name = "portal/by_hand.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The papers and, once an agency is chosen or there is but one, its desk."""
        procedure = get_object_or_404(
            Procedure.objects.select_related("current").defer("search"),
            code=kwargs["code"],
            current__isnull=False,
        )
        version = procedure.current
        assert version is not None
        user = self.request.user if isinstance(self.request.user, User) else User()
        data = self.request.GET if "agency" in self.request.GET else None
        form = AgencyForm(version, user, data)
        chosen: Agency | None = form.nearest or form.only
        if data is not None:
            chosen = form.cleaned_data["agency"] if form.is_valid() else None
        return super().get_context_data(
            procedure=procedure,
            version=version,
            form=form,
            chosen=chosen,
            desk=desk_for(chosen) if chosen else None,
            has_form=blank_forms.has_form(version),
            papers=[
                {"name": c.name, "case": c.case, "counts": paper_counts(c)}
                for c in version.components.all()
                if not c.from_database
            ],
            fee=fee_text(version),
            title=sentence(_("Nộp trực tiếp: %(name)s"), name=version.name),
            **kwargs,
        )
