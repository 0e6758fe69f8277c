"""The administration site for the post: blocks of numbers may be allotted; everything signed is only read."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from buuchinh.models import HandoverRecord, Parcel, RemittanceBatch, TrackingPool


class ReadOnly(admin.ModelAdmin):
    """What follows from acts is not typed in here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from services alone."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is edited."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted."""
        return False


@admin.register(Parcel)
class ParcelAdmin(ReadOnly):
    """Where parcels are; no content of a dossier."""

    list_display = ["tracking_number", "leg", "state", "unit", "carrier", "registered_at"]
    list_filter = ["leg", "state"]
    search_fields = ["tracking_number"]
    list_select_related = ["unit", "carrier"]
    fields = [
        "tracking_number", "leg", "state", "unit", "carrier", "scope", "due_on", "order_state", "order_answer",
        "registered_at", "collected_at", "finished_at",
    ]  # fmt: skip


@admin.register(HandoverRecord)
class HandoverRecordAdmin(ReadOnly):
    """Signed records."""

    list_display = ["number", "desk", "carrier", "officer", "signed_at", "fees"]
    list_select_related = ["desk__agency", "carrier", "officer"]
    fields = ["number", "desk", "unit", "carrier", "officer", "signed_at", "fees"]


@admin.register(RemittanceBatch)
class RemittanceBatchAdmin(ReadOnly):
    """Money handed over."""

    list_display = ["number", "agency", "collector", "total", "counted", "confirmed_at"]
    list_select_related = ["agency", "collector"]


@admin.register(TrackingPool)
class TrackingPoolAdmin(admin.ModelAdmin):
    """Blocks of item numbers; the next number is never set back by hand."""

    list_display = ["__str__", "unit", "next"]
    list_select_related = ["unit"]
    autocomplete_fields = ["unit"]
    readonly_fields = ["next"]

    def save_model(self, request: HttpRequest, obj: TrackingPool, form: Any, change: bool) -> None:
        """A new block begins at its first number."""
        if not change:
            obj.next = obj.first
        super().save_model(request, obj, form, change)
