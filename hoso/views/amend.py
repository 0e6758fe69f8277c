"""Changing the declaration after submission, one section at a time; history keeps what stood there before (PT 12)."""

from typing import Any

from django.forms import CharField
from django.http import Http404, HttpRequest, HttpResponseBase

from hoso.forms import declaration
from hoso.forms.steps import text_area
from hoso.models import Dossier
from hoso.services import dossiers
from hoso.services.case import Case
from hoso.views.base import StepView

_REARRANGING = frozenset({declaration.REFRESH, declaration.ADD, declaration.REMOVE})


class Amend(StepView):
    """The section is chosen by `?phan=`; the first one that has questions by default."""

    step = "amend"
    title = "Sửa tờ khai"
    submit = "Lưu thay đổi"
    lead = "Chỉ sửa theo đề nghị của người nộp. Nội dung cũ vẫn lưu trong lịch sử."
    fragment = "hoso/steps/amend.html"
    icon = "edit"
    success_message = "Đã lưu thay đổi của tờ khai."

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """“Thêm dòng” and the like draw the page again without judging it."""
        if _REARRANGING & request.POST.keys():
            case = Case(self.get_dossier())
            if (answer := self._not_now(case)) is not None:
                return answer
            return self.show(case, self._section(case, typed=request.POST), seen=self._seen())
        return super().post(request, *args, **kwargs)

    def make_form(self, case: Case, *data: Any) -> Any:
        """The section with the reason for the change."""
        return self._section(case, data=data[0]) if data else self._section(case)

    def _section(self, case: Case, **given: Any) -> declaration.SectionForm:
        dossier = case.dossier
        found = declaration.pages(dossier.version, dossier.answers)
        if not found:
            raise Http404("Thủ tục này không có tờ khai điện tử.")
        wanted = self.request.GET.get("phan", "")
        number = next((n for n, _ in found if str(n) == wanted), found[0][0])
        form = declaration.SectionForm(dossier.version, number, dossier.answers, **given)
        form.fields["ly_do_sua"] = CharField(label="Lý do sửa", max_length=2000, widget=text_area(2))
        return form

    def extra(self, case: Case, form: Any) -> dict[str, Any]:
        """The sections to choose from."""
        sections = [
            {"text": section["title"], "url": f"?phan={number}", "current": number == form.number}
            for number, section in declaration.pages(case.dossier.version, case.dossier.answers)
        ]
        return {"sections": sections, "section": form.section, "reason": form["ly_do_sua"]}

    def take(self, dossier: Dossier, form: Any) -> Dossier:
        """This section changed, the others as they are."""
        return dossiers.advance(
            dossier.pk,
            self.step,
            by=self.officer,
            seen=self._seen(),
            note=form.cleaned_data["ly_do_sua"],
            on_behalf_of=dossier.submitter_name or dossier.owner_name,
            changes=form.values,
        )


STEPS: list[tuple[str, type[StepView]]] = [("sua-to-khai", Amend)]
