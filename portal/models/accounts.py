"""What waits for a code, what was changed on an account, and which electronic identity opens it."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from danhmuc.models import User


class AccountRequest(models.Model):
    """A matter of an account that waits until a code sent to an address is typed back.

    `user` is empty where nobody of that name exists: the pages behave the same, only no code ever goes out.
    """

    class Purpose(models.TextChoices):
        REGISTER = "register", "Đăng ký tài khoản"
        RESET = "reset", "Đặt lại mật khẩu"
        EMAIL = "email", "Xác nhận thư điện tử"
        PHONE = "phone", "Xác nhận điện thoại"

    token = models.CharField("mã trang", max_length=40, unique=True)
    purpose = models.CharField("việc", max_length=10, choices=Purpose)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="+")
    channel = models.CharField("kênh", max_length=8, choices=[("email", "Thư điện tử"), ("sms", "Tin nhắn")])
    address = models.CharField("nơi nhận mã", max_length=254, blank=True)
    data = models.JSONField("đã khai", default=dict)
    asked_at = models.DateTimeField("lúc", default=timezone.now, db_index=True)
    sent_at = models.DateTimeField("gửi mã lần cuối", null=True, blank=True)
    sent = models.PositiveSmallIntegerField("số lần gửi mã", default=0)
    proven_at = models.DateTimeField("gõ đúng mã lúc", null=True, blank=True)
    done_at = models.DateTimeField("xong lúc", null=True, blank=True)

    class Meta:
        verbose_name = "việc chờ mã xác nhận"
        verbose_name_plural = "việc chờ mã xác nhận"

    def __str__(self) -> str:
        return self.get_purpose_display()


class AccountChange(models.Model):
    """One line of an account's history. Addresses and telephones stand masked: the line says that, not what."""

    user = models.ForeignKey(User, models.CASCADE, related_name="changes", verbose_name="tài khoản")
    what = models.CharField("thay đổi", max_length=120)
    before = models.CharField("trước", max_length=300, blank=True)
    after = models.CharField("sau", max_length=300, blank=True)
    by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="người đổi"
    )
    at = models.DateTimeField("lúc", default=timezone.now)

    class Meta:
        verbose_name = "lịch sử tài khoản"
        verbose_name_plural = "lịch sử tài khoản"
        indexes = [models.Index(fields=["user", "-id"], name="account_history")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.what}"


class EidLink(models.Model):
    """An electronic identity that opens an account: the provider's `sub` for us, and the identity system's TechID."""

    user = models.ForeignKey(User, models.CASCADE, related_name="eid_links", verbose_name="tài khoản")
    provider = models.CharField("nơi xác thực", max_length=20)
    sub = models.CharField("định danh ở nơi xác thực (sub)", max_length=255)
    tech_id = models.CharField("TechID", max_length=255, blank=True)
    linked_at = models.DateTimeField("nối lúc", default=timezone.now)
    used_at = models.DateTimeField("dùng lần cuối", default=timezone.now)

    class Meta:
        verbose_name = "tài khoản định danh đã nối"
        verbose_name_plural = "tài khoản định danh đã nối"
        constraints = [
            models.UniqueConstraint(fields=["provider", "sub"], name="one_account_an_identity"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} → {self.user_id}"

    @property
    def provider_name(self) -> str:
        """Who vouches for it, in words; its key where it is no longer configured."""
        return str(settings.EID_PROVIDERS.get(self.provider, {}).get("name", self.provider))
