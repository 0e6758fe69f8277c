"""Answered questions and feedback for everyone, without personal data; each page prints as it is."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from danhmuc.services import calendar_for
from danhmuc.worktime import WorkCalendar, working_days_between
from portal.forms.feedback import PublicSearchForm
from portal.models import Feedback
from portal.services.feedback import public
from portal.views.base import PublicMixin

PAGE = 10


class PublicAnswers(PublicMixin, TemplateView):
    """The list, searched with or without marks."""

    template_name = "portal/feedback.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Ten a page, newest first."""
        data, form = PublicSearchForm.read(
            self.request.GET,
            agency_rows=public.agencies_with_answers(),
            field_rows=public.fields_with_answers(),
        )
        found = public.listed()
        if data.get("q"):
            found = found.matching(data["q"])
        if data.get("agency"):
            found = found.filter(agency_id=data["agency"])
        if data.get("field"):
            found = found.filter(field_id=data["field"])
        page = Paginator(found, PAGE).get_page(self.request.GET.get("page"))
        rows = list(page.object_list)
        calendar = calendar_for(None) if rows else None
        return super().get_context_data(
            form=form,
            page=page,
            cards=[card(item, calendar) for item in rows if calendar is not None],
            year=public.this_year(),
            clear=reverse("portal:feedback") if any(data.values()) else "",
            **kwargs,
        )


class PublicAnswer(PublicMixin, TemplateView):
    """One of them, with an address of its own to send and print."""

    template_name = "portal/feedback_public.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What is published; what is not does not exist."""
        feedback = get_object_or_404(public.listed(), pk=kwargs["pk"])
        return self.render_to_response({"card": card(feedback, calendar_for(None))})


def card(feedback: Feedback, calendar: WorkCalendar) -> dict[str, Any]:
    """One item as the public reads it."""
    days, asked_at = 0, feedback.reopened_at or feedback.received_at
    if asked_at and feedback.answered_at:
        days = working_days_between(calendar, asked_at, feedback.answered_at)
    late = feedback.timeliness == Feedback.Timeliness.OVERDUE
    text = (
        ngettext(
            "Trả lời chậm hạn, sau %(n)d ngày làm việc", "Trả lời chậm hạn, sau %(n)d ngày làm việc", days
        )
        if late
        else ngettext("Trả lời sau %(n)d ngày làm việc", "Trả lời sau %(n)d ngày làm việc", days)
    ) % {"n": days}
    return {
        "pk": feedback.pk,
        "title": feedback.public_title,
        "content": feedback.public_content,
        "answer": feedback.public_answer,
        "agency": feedback.agency.name,
        "field": feedback.field.name if feedback.field else "",
        "sent_at": feedback.received_at,
        "answered_at": feedback.answered_at,
        "tag": {
            "text": text if days else _("Trả lời trong ngày"),
            "level": "soon" if late else "ok",
            "icon": "hourglass" if late else "check-circle",
        },
    }
