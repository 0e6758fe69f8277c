"""Price lists of the public post: data with validity dates, never mixed with fees of the State (domain §11.7)."""

from django.db import models


class PostalTariff(models.Model):
    """One line of a published one-way price list."""

    class Service(models.TextChoices):
        SEND = "nhan_gui_ho_so", "Nhận gửi hồ sơ"
        RETURN = "chuyen_tra_ket_qua", "Chuyển trả kết quả"
        REMIT = "thu_ho", "Thu và nộp hộ phí, lệ phí"

    tariff_key = models.CharField("bảng giá", max_length=40)
    service = models.CharField("dịch vụ", max_length=40)
    scope = models.CharField("phạm vi", max_length=40, blank=True)
    weight_from = models.PositiveIntegerField("từ (gam)", default=0)
    weight_to = models.PositiveIntegerField("đến (gam)", null=True, blank=True)
    price = models.PositiveIntegerField("giá (đồng)")
    step = models.PositiveIntegerField("mỗi nấc (gam)", null=True, blank=True)
    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến ngày", null=True, blank=True)
    source = models.CharField("nguồn", max_length=160, blank=True)

    class Meta:
        verbose_name = "giá cước"
        verbose_name_plural = "giá cước"
        ordering = ["service", "scope", "weight_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["tariff_key", "service", "scope", "weight_from", "valid_from"],
                name="one_price_a_line",
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.scope} {self.weight_from} g: {self.price}"
