"""Provinces, districts and communes of both eras; the key is (era, code), for codes changed owners on 01/7/2025."""

from django.db import models
from django.db.models import Q

from danhmuc.text import within_address


class Place(models.Model):
    """An administrative unit in one era."""

    class Era(models.TextChoices):
        THREE_LEVEL = "3", "Ba cấp, trước 01/7/2025"
        TWO_LEVEL = "2", "Hai cấp, từ 01/7/2025"

    class Level(models.TextChoices):
        PROVINCE = "province", "Tỉnh, thành phố"
        DISTRICT = "district", "Quận, huyện"
        COMMUNE = "commune", "Xã, phường"

    era = models.CharField("giai đoạn", max_length=1, choices=Era)
    level = models.CharField("cấp", max_length=10, choices=Level)
    code = models.CharField("mã", max_length=6)
    name = models.CharField("tên", max_length=120)
    folded_name = models.CharField("tên không dấu", max_length=120, editable=False)
    type = models.CharField("loại", max_length=40, blank=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    id_prefix = models.CharField("đầu số căn cước", max_length=3, blank=True)
    agency_code = models.CharField("mã định danh tỉnh", max_length=6, blank=True)
    valid_from = models.DateField("từ ngày", null=True, blank=True)
    valid_to = models.DateField("đến ngày", null=True, blank=True)

    class Meta:
        verbose_name = "đơn vị hành chính"
        verbose_name_plural = "đơn vị hành chính"
        constraints = [
            models.UniqueConstraint(fields=["era", "level", "code"], name="one_place_an_era_and_code")
        ]
        indexes = [models.Index(fields=["parent", "folded_name"], name="place_by_parent")]

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """As an address has it, with the units above it; `parent` should be loaded with the row."""
        name = within_address(self.name)
        return f"{name}, {self.parent.full_name}" if self.parent else name


class PlaceSuccession(models.Model):
    """What an old commune became on 01/7/2025; a split commune has one default successor."""

    old = models.ForeignKey(Place, models.CASCADE, related_name="successors")
    new = models.ForeignKey(Place, models.CASCADE, related_name="predecessors")
    split = models.BooleanField("bị chia", default=False)
    is_default = models.BooleanField("xã mới mặc định", default=True)
    sources = models.PositiveSmallIntegerField("số nguồn nêu", default=1)

    class Meta:
        verbose_name = "chuyển đổi đơn vị hành chính"
        verbose_name_plural = "chuyển đổi đơn vị hành chính"
        constraints = [
            models.UniqueConstraint(fields=["old", "new"], name="one_row_a_place_pair"),
            models.UniqueConstraint(
                fields=["old"], condition=Q(is_default=True), name="one_default_new_place"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"
