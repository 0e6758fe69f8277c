"""The public page a result's QR code opens."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from portal.forms.verification import CodeForm, FileForm
from portal.services import verification
from portal.views.base import PublicMixin


class VerifyForm(PublicMixin, TemplateView):
    """Type the code in when there is nothing to scan with."""

    template_name = "portal/verify.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, or on to the answer."""
        if "ma" not in request.GET:
            return self.render_to_response({"form": CodeForm()})
        form = CodeForm(request.GET)
        if not form.is_valid() or not verification.tidy(form.cleaned_data["ma"]):
            return self.render_to_response({"form": form})
        return redirect("portal:verify_result", code=verification.tidy(form.cleaned_data["ma"]))


class VerifyResult(PublicMixin, TemplateView):
    """What stands on record under a code; a file in hand may be compared with it."""

    template_name = "portal/verified.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The answer."""
        return self.answer(FileForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Compare a file."""
        return self.answer(FileForm(request.POST, request.FILES))

    def answer(self, form: FileForm) -> HttpResponse:
        """Found, not found, or asked too often."""
        try:
            found = verification.find(self.kwargs["code"], address=self.request.META.get("REMOTE_ADDR", ""))
        except verification.TooMany:
            retry = CodeForm({"ma": self.kwargs["code"]})
            retry.is_valid()
            retry.add_error(None, _("Đã hỏi nhiều lần. Hãy thử lại sau 10 phút."))
            return self.not_found(retry, 429)
        if found is None:
            retry = CodeForm({"ma": self.kwargs["code"]})
            retry.is_valid()
            retry.add_error(
                None,
                _(
                    "Không có văn bản nào phát hành với mã này. Kiểm tra lại từng chữ, số; nếu đúng mã mà vẫn không có, "
                    "văn bản có thể không phải do hệ thống này phát hành: hãy hỏi cơ quan ghi trên văn bản."
                ),
            )
            return self.not_found(retry, 404)
        same = None
        if form.is_bound and form.is_valid():
            same = verification.is_same(found, form.cleaned_data["tep"])
        return self.render_to_response({"found": found, "form": form, "same": same})

    def not_found(self, form: CodeForm, status: int) -> HttpResponse:
        """The form with the reason above it."""
        self.template_name = "portal/verify.html"
        return self.render_to_response({"form": form}, status=status)
