"""Lists of dossiers: those a figure counts, and those a head has to look at. Codes and dates, nothing about people."""

from abc import abstractmethod
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse

from baocao import exports
from baocao.reports import watch
from baocao.views.base import ReportPage
from baocao.views.tables import PAGE_SIZE, XLSX
from danhmuc.models import Agency
from hoso.models import Dossier


class Listing(ReportPage):
    """A list, a page at a time or whole as a workbook."""

    template_name = "baocao/dossiers.html"

    @abstractmethod
    def found(self) -> tuple[str, str, QuerySet[Dossier]]:
        """Title, explanation and dossiers. 404 for a list that is not."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The page, or the whole list as a workbook."""
        if self.asked("dang") == "xlsx":
            title, _, dossiers = self.found()
            file: Any = FileResponse(
                exports.workbook_of_list(title, dossiers),
                as_attachment=True,
                filename=f"ho-so-{self.period.key}.xlsx",
                content_type=XLSX,
            )
            answer: HttpResponse = file
            return answer
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One page of the list; links lead to those dossiers the reader may open."""
        title, text, dossiers = self.found()
        page = Paginator(
            dossiers.select_related("version", "field", "resolving_agency").defer(
                "answers", "search", "version__eform", "version__steps_text", "version__legal_basis"
            ),
            PAGE_SIZE,
        ).get_page(self.request.GET.get("trang"))
        shown = [dossier.pk for dossier in page.object_list]
        mine = set(Dossier.objects.visible_to(self.reader).filter(pk__in=shown).values_list("pk", flat=True))
        return super().get_context_data(**kwargs) | {
            "title": title,
            "text": text,
            "page_obj": page,
            "rows": [{"dossier": dossier, "opens": dossier.pk in mine} for dossier in page.object_list],
            "back": self.address("table"),
        }


class Dossiers(Listing):
    """The dossiers behind one figure of the table."""

    def found(self) -> tuple[str, str, QuerySet[Dossier]]:
        """By column, and by field or agency."""
        column = self.report.layout.column(self.asked("cot"))
        if column is None:
            raise Http404("Không có cột này.")
        agency = self._agency()
        listed = self.report.listed(column, field=self.asked("linh_vuc"), agency=agency)
        whose = agency.name if agency else self.root.name
        text = f"Cột ({self.asked('cot')}) của biểu {self.report.layout.key}, {self.period.title}, {whose}."
        return column.text, text, listed

    def _agency(self) -> Agency | None:
        key = self.asked("co_quan")
        if not key:
            return None
        agency = self.today.by_key(key)
        if agency is None or not self.reach.covers(agency, self.today):
            raise Http404("Không có cơ quan này trong phạm vi được xem.")
        return agency


class WatchList(Listing):
    """One of the management lists."""

    def found(self) -> tuple[str, str, QuerySet[Dossier]]:
        """By its name."""
        chosen = watch.WATCHES.get(self.asked("muc"))
        if chosen is None:
            raise Http404("Không có danh sách này.")
        when = f", {self.period.title}" if chosen.of_period else ""
        text = f"{chosen.text} {self.root.name}{when}."
        return chosen.title, text, chosen.find(self.watched(chosen), self.now)
