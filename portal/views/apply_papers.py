"""Applying: the ways the originals and the result go, and what it costs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hoso.forms import declaration
from hoso.models import Dossier
from hoso.services.errors import StepRefused
from portal.forms.apply import WaysForm
from portal.services import drafts, paying
from portal.views.flow import FlowView


class Ways(FlowView):
    """How the originals come, where the result goes, what it costs."""

    template_name = "portal/ways.html"
    part = "ways"
    title = gettext_lazy("Bản giấy, phí và kết quả")

    def make(self, *args: Any, **kwargs: Any) -> WaysForm:
        """The form with the working days ahead."""
        return WaysForm(self.dossier, drafts.pickup_days(self.dossier.resolving_agency), *args, **kwargs)

    def show(self, **context: Any) -> HttpResponse:
        """The choices with the sum."""
        form = context.pop("form", None) or self.make(self.kept)
        return super().show(form=form, money=self.money(form), **context)

    def money(self, form: WaysForm) -> dict[str, Any]:
        """Rows of components/money.html for what is chosen now."""
        rows = paying.foreseen(self.dossier)
        rows += form.postage()
        return {
            "rows": rows,
            "total": {"label": _("Cộng"), "amount": sum(row["amount"] for row in rows), "note": ""}
            if rows
            else None,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Keep the choice."""
        if elsewhere := self.elsewhere():
            return elsewhere
        if declaration.REFRESH in request.POST:
            typed = self.make()
            for name, field in typed.fields.items():
                typed.initial[name] = field.widget.value_from_datadict(request.POST, {}, name)
            return self.show(form=typed, changed=True)
        form = self.make(request.POST)
        if not form.is_valid():
            return self.show(form=form)
        try:
            drafts.save_ways(
                self.dossier.pk,
                by=self.applicant,
                papers_by=form.cleaned_data.get("papers_by") or Dossier.PapersBy.NONE,
                return_by=form.cleaned_data["return_by"],
                postal=form.postal(),
            )
        except StepRefused as error:
            return self.stale(error)
        return self.onward(request)
