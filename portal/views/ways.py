"""Choosing anew how the papers come and where the result goes, until the post has begun (domain §11.1)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from danhmuc.models import User
from hoso.forms import declaration
from hoso.models import Charge
from hoso.services import postal
from hoso.services.errors import Refused, StepRefused
from portal.forms.dossiers import ChangeWaysForm
from portal.services import drafts, paying
from portal.views.base import STILL_HERE, KeepingMixin, own_dossier, was_taken_since


class ChangeWays(KeepingMixin, TemplateView):
    """The same choices as when filing; what has begun is told and not asked."""

    template_name = "portal/change_ways.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """The dossier, and which ways are open."""
        super().setup(request, *args, **kwargs)
        if request.user.is_authenticated:
            self.dossier = own_dossier(request, kwargs["ref"])
            self.free = postal.changeable(self.dossier, getattr(self.dossier, "postal", None))

    def make(self, *args: Any, **kwargs: Any) -> ChangeWaysForm:
        """The form with the working days ahead."""
        days = drafts.pickup_days(self.dossier.resolving_agency)
        return ChangeWaysForm(self.dossier, days, self.free, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What is chosen now."""
        if self.kept is not None:
            return self.show(self.make(self.kept))
        return self.show(self.make(initial={"seen": self.dossier.last_seq}))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Choose anew."""
        assert isinstance(request.user, User)
        if declaration.REFRESH in request.POST:
            typed = self.make()
            for name, field in typed.fields.items():
                typed.initial[name] = field.widget.value_from_datadict(request.POST, {}, name)
            return self.show(typed)
        form = self.make(request.POST)
        if not self.free or not form.is_valid():
            return self.show(form)
        try:
            postal.change(
                self.dossier.pk,
                by=request.user,
                papers_by=form.cleaned_data.get("papers_by"),
                return_by=form.cleaned_data.get("return_by"),
                postal=form.postal(),
                seen=form.cleaned_data["seen"],
            )
            messages.success(request, _("Đã đổi cách nộp bản giấy, nhận kết quả."))
            return redirect("portal:dossier", ref=self.dossier.submission_ref)
        except StepRefused as error:
            return self.overtaken(error, form.cleaned_data["seen"])
        except Refused as error:
            form.add_error(None, error.told)
        return self.show(form)

    def overtaken(self, error: StepRefused, seen: int | None) -> HttpResponse:
        """Somebody was faster. While ways are open, and were not changed meanwhile, what was chosen stays."""
        self.dossier = own_dossier(self.request, self.kwargs["ref"])
        self.free = postal.changeable(self.dossier, getattr(self.dossier, "postal", None))
        if not self.free or was_taken_since(self.dossier, seen, "change_post"):
            messages.warning(self.request, error.told)
            return redirect("portal:change_ways", ref=self.dossier.submission_ref)
        messages.warning(self.request, format_html("{} {}", error.told, STILL_HERE))
        data = self.request.POST.copy()
        data["seen"] = str(self.dossier.last_seq)
        return self.show(self.make(data))

    def show(self, form: ChangeWaysForm) -> HttpResponse:
        """Draw the page, or say that it is too late."""
        if not self.free:
            messages.info(self.request, self.too_late())
            return redirect("portal:dossier", ref=self.dossier.submission_ref)
        charges = list(self.dossier.charges.exclude(status=Charge.Status.CANCELLED).order_by("seq"))
        rows: list[dict[str, Any]] = [
            {"label": c.name, "amount": c.amount, "note": paying.status_words(c)} for c in charges
        ]
        rows += paying.to_come(self.dossier, charges)
        rows += form.postage()
        total = {"label": _("Cộng"), "amount": sum(row["amount"] for row in rows), "note": ""}
        return self.render_to_response(
            {
                "dossier": self.dossier,
                "version": self.dossier.version,
                "form": form,
                "free": self.free,
                "money": {"rows": rows, "total": total},
            }
        )

    def too_late(self) -> str:
        """Why nothing can be chosen."""
        if not self.dossier.is_open:
            return _("Hồ sơ đã kết thúc, không đổi cách nộp, nhận được nữa.")
        if not postal.has_choice(self.dossier):
            return _("Thủ tục này chỉ có một cách nộp bản giấy và nhận kết quả nên không có gì để đổi.")
        return _("Bưu điện đã nhận kết quả để phát, không đổi nơi nhận được nữa. Cần giúp, hãy gọi 1022.")
