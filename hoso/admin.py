"""What administrators see of dossiers: number series, the reading log and the outbox, never what a dossier says.

Everything is read-only: history is not edited, and a system administrator has no right to content (domain §2).
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from hoso.models import AccessLog, Notice, NumberSeries


class ReadOnly(admin.ModelAdmin):
    """Looked at, never changed."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from the work itself."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody edits a record of what happened."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody removes one either."""
        return False


@admin.register(NumberSeries)
class NumberSeriesAdmin(ReadOnly):
    """The last number given in each series."""

    list_display = ("key", "last")
    search_fields = ("key",)


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnly):
    """Who opened which dossier, when and from where; the dossier by its reference alone."""

    list_display = ("at", "user", "reference", "what", "ip")
    list_filter = ("at",)
    search_fields = ("=user__username", "=dossier__submission_ref")
    fields = ("at", "user", "reference", "what", "ip")
    date_hierarchy = None
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AccessLog]:
        """With the two names a row shows, and nothing more of the dossier."""
        rows = super().get_queryset(request).select_related("user", "dossier")
        return rows.only("at", "what", "ip", "user__full_name", "dossier__submission_ref")

    @admin.display(description="hồ sơ")
    def reference(self, row: AccessLog) -> str:
        """Submission reference: it says nothing about the person."""
        return row.dossier.submission_ref


@admin.register(Notice)
class NoticeAdmin(ReadOnly):
    """Whether messages leave the building; neither address nor text."""

    list_display = ("due_at", "template", "channel", "state", "attempts", "sent_at", "answer")
    list_filter = ("state", "channel")
    fields = ("due_at", "template", "channel", "state", "attempts", "sent_at", "provider_id", "answer")
    ordering = ("-pk",)
