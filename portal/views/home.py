"""The home page."""

from typing import Any

from django.urls import reverse
from django.views.generic import TemplateView

from danhmuc.models import LifeEvent
from danhmuc.services import NoTariff, postage
from portal.services import catalogue, figures
from portal.views.base import PublicMixin

#: Life events with the icon each has in the design; the first eight are shown.
ICONS = {
    "sinh_con": "baby",
    "ket_hon": "rings",
    "mo_cua_hang": "shop",
    "xay_sua_nha": "house",
    "dat_dai": "land",
    "chung_thuc": "stamp",
    "viec_lam": "briefcase",
    "nguoi_than_qua_doi": "heart",
}


class Home(PublicMixin, TemplateView):
    """Search first, then look-up, the offer of the post, situations in life, what is used most, last month."""

    template_name = "portal/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """All bounded: eight situations, five procedures, figures counted once a quarter of an hour."""
        events = list(LifeEvent.objects.order_by("order")[:8])
        used = figures.most_used()
        return super().get_context_data(
            tiles=[
                {
                    "title": e.title,
                    "summary": e.summary,
                    "icon": ICONS.get(e.key, "list"),
                    "url": reverse("portal:life_event", kwargs={"key": e.key}),
                }
                for e in events
            ],
            used=used,
            links=[
                {"text": p.current.name, "url": reverse("portal:procedure", kwargs={"code": p.code})}
                for p in used[:3]
                if p.current
            ],
            month=figures.last_month(),
            procedures=figures.procedure_count(),
            postage=_lowest(),
            levels=catalogue.ONLINE,
            **kwargs,
        )


def _lowest() -> int | None:
    """Price of the shortest way for a usual set of papers."""
    try:
        return postage("nhan_gui_ho_so", "noi_huyen", 100)
    except NoTariff:
        return None
