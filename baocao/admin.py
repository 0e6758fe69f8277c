"""Closed periods, for reading: nothing here can be changed."""

from django.contrib import admin
from django.http import HttpRequest

from baocao.models import Snapshot


@admin.register(Snapshot)
class SnapshotAdmin(admin.ModelAdmin):
    """Which periods were closed, by whom and when."""

    list_display = ("report", "period", "agency", "closed_at", "closed_by", "sha256")
    list_filter = ("report", "period")
    list_select_related = ("agency", "closed_by")
    search_fields = ("agency__name", "agency__folded_name")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Periods are closed on their page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Snapshot | None = None) -> bool:
        """A closed period stays as it was."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Snapshot | None = None) -> bool:
        """A closed period stays."""
        return False
