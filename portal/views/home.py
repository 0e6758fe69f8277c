"""The home page."""

from typing import Any

from django.conf import settings
from django.urls import reverse
from django.views.generic import TemplateView

from danhmuc.models import LifeEvent
from danhmuc.services import NoTariff, postage
from portal.services import figures
from portal.views.base import PublicMixin
from portal.views.finding import short_name, tiles

#: Those shown first on the home page; others follow in their own order, and one page has them all.
SHOWN = (
    "sinh_con",
    "ket_hon",
    "mo_ho_kinh_doanh",
    "xay_nha",
    "mua_ban_dat",
    "mat_viec",
    "tuoi_gia",
    "nguoi_than_qua_doi",
)


class Home(PublicMixin, TemplateView):
    """Search first, then look-up, the offer of the post, situations in life, what is used most, last month."""

    template_name = "portal/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """All bounded: eight situations, five procedures, figures counted once a quarter of an hour."""
        events = list(LifeEvent.objects.filter(is_removed=False)[:100])
        places = {key: place for place, key in enumerate(SHOWN)}
        events.sort(key=lambda event: places.get(event.key, len(places)))
        used = figures.most_used()
        return super().get_context_data(
            tiles=tiles(events[: len(SHOWN)]),
            used=[{"name": short_name(p.current.name), "procedure": p} for p in used if p.current],
            links=[
                {
                    "text": short_name(p.current.name),
                    "url": reverse("portal:procedure", kwargs={"code": p.code}),
                }
                for p in used[:3]
                if p.current
            ],
            month=figures.last_month(),
            procedures=figures.procedure_count(),
            postage=_lowest(),
            **kwargs,
        )


def _lowest() -> int | None:
    """Price of the shortest way for a usual set of papers."""
    try:
        return postage("nhan_gui_ho_so", "noi_huyen", 100)
    except NoTariff:
        return None


class Help(PublicMixin, TemplateView):
    """How to apply, and what people ask most (domain §5.3)."""

    template_name = "portal/help.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The numbers that differ between deployments."""
        return super().get_context_data(
            days=settings.DRAFT_DAYS,
            limit=settings.UPLOAD_MAX_BYTES // 1024**2,
            sms=settings.SMS_NUMBER,
            **kwargs,
        )
