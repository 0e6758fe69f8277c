"""What the portal says about itself: personal data, accessibility, the prices of the post."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.views.generic import TemplateView

from portal.models import Feedback
from portal.services import accounts, codes, kept, limits, prices, uploads
from portal.services.feedback import intake
from portal.views.base import PublicMixin


class Privacy(PublicMixin, TemplateView):
    """What is kept of a person, why, for how long, who sees it and what one may ask (NĐ13/2023; Luật 91/2025/QH15).

    The times are those the sweepers go by.
    """

    template_name = "portal/privacy.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Days and hours as they are set here."""
        return super().get_context_data(
            draft_days=settings.DRAFT_DAYS,
            draft_warning=settings.DRAFT_WARNING_DAYS,
            amendment_days=settings.AMENDMENT_DAYS,
            amendment_warning=settings.AMENDMENT_WARNING_DAYS,
            upload_hours=_hours(uploads.KEPT),
            typed_hours=kept.HOURS,
            code_minutes=codes.VALID.seconds // 60,
            code_hours=_hours(accounts.KEPT),
            feedback_hours=_hours(intake.UNCONFIRMED_FOR),
            session_hours=_hours(timedelta(seconds=settings.SESSION_COOKIE_AGE)),
            counted_days=limits.KEPT.days,
            **kwargs,
        )


def _hours(span: timedelta) -> int:
    return span // timedelta(hours=1)


class Accessibility(PublicMixin, TemplateView):
    """How the pages are made to be used by everybody, how that is checked, and whom to tell."""

    template_name = "portal/accessibility.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The kind of feedback that reaches those who can mend a page."""
        return super().get_context_data(kind=Feedback.Kind.TECHNICAL, **kwargs)


class Postage(PublicMixin, TemplateView):
    """The price lists of the post (QĐ45 Art 12.2: prices are public)."""

    template_name = "portal/postage.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One query, however long the lists are."""
        return super().get_context_data(lists=prices.lists(), **kwargs)
