"""Append-only history: one row a step or act. The database itself refuses to change or delete a row."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from danhmuc.models import User
from hoso.lifecycle import State


class Event(models.Model):
    """Who did what, when, from which state to which. `seq` counts 1, 2, 3 … within a dossier without gaps."""

    dossier = models.ForeignKey("hoso.Dossier", models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField("thứ tự")
    name = models.CharField("bước", max_length=32)
    source = models.CharField("từ trạng thái", max_length=16, choices=State)
    target = models.CharField("đến trạng thái", max_length=16, choices=State)
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người làm")
    on_behalf_of = models.CharField("thay mặt", max_length=160, blank=True)
    at = models.DateTimeField("lúc")
    recorded_at = models.DateTimeField("ghi lúc", auto_now_add=True)
    note = models.TextField("nội dung", blank=True)
    data = models.JSONField("số liệu", default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "sự kiện"
        verbose_name_plural = "sự kiện"
        ordering = ["dossier", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "seq"], name="one_event_a_place"),
            models.CheckConstraint(condition=Q(seq__gte=1), name="event_seq_from_one"),
        ]
        indexes = [
            models.Index(fields=["actor", "-at"], name="event_by_actor"),
            # Few dossiers are ever extended; reports look for them among all events there are.
            models.Index(fields=["dossier"], name="event_extended", condition=Q(name="extend")),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id}#{self.seq} {self.name}"
