"""What waits for a code, what was changed on an account, and which electronic identity opens it."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from config import said
from danhmuc.models import Desk, User


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
    #: What the two sentences were made of (`config.said`), to tell them in another language; none of plain words.
    what_facts = models.JSONField("dữ kiện của thay đổi", null=True, blank=True)
    after_facts = models.JSONField("dữ kiện của sau", null=True, blank=True)
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

    @property
    def what_said(self) -> str:
        """What was changed, as a sentence that can be told in another language."""
        return said.read(self.what, self.what_facts)

    @property
    def after_said(self) -> str:
        """What stands there now, likewise."""
        return said.read(self.after, self.after_facts)


class AccountCorrection(models.Model):
    """What was put right on an account at a desk, and on which paper's word. Never changed: mistakes get a new one."""

    class Paper(models.TextChoices):
        CARD = "card", "Thẻ căn cước, căn cước công dân"
        BIRTH = "birth", "Giấy khai sinh, trích lục khai sinh"
        CIVIL = "civil", "Trích lục cải chính hộ tịch"
        RESIDENCE = "residence", "Giấy xác nhận thông tin về cư trú"
        PASSPORT = "passport", "Hộ chiếu"
        REGISTRATION = "registration", "Giấy chứng nhận đăng ký doanh nghiệp, hợp tác xã"
        FOUNDING = "founding", "Quyết định thành lập"
        TAX = "tax", "Giấy chứng nhận đăng ký thuế"

    account = models.ForeignKey(
        User, models.PROTECT, related_name="corrections", verbose_name="tài khoản được sửa"
    )
    changes = models.JSONField("đã sửa gì", help_text="Mỗi mục: field, label, before, after")
    paper = models.CharField("giấy tờ xuất trình", max_length=12, choices=Paper)
    paper_number = models.CharField("số giấy tờ", max_length=60)
    paper_on = models.DateField("ngày cấp")
    reason = models.CharField("lý do", max_length=300)
    desk = models.ForeignKey(Desk, models.PROTECT, related_name="+", verbose_name="Bộ phận Một cửa")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người sửa")
    at = models.DateTimeField("lúc", default=timezone.now)

    class Meta:
        verbose_name = "lần sửa tài khoản tại quầy"
        verbose_name_plural = "lần sửa tài khoản tại quầy"
        indexes = [models.Index(fields=["account", "-id"], name="account_corrections")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.at:%d/%m/%Y}"


class AccountReading(models.Model):
    """Every reading of an account's data by staff (domain §19.4). Written in the request, never changed."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người đọc")
    account = models.ForeignKey(User, models.PROTECT, related_name="readings", verbose_name="tài khoản")
    what = models.CharField("đọc gì", max_length=160)
    ip = models.GenericIPAddressField("địa chỉ mạng", null=True, blank=True)
    at = models.DateTimeField("lúc", default=timezone.now)

    class Meta:
        verbose_name = "nhật ký đọc tài khoản"
        verbose_name_plural = "nhật ký đọc tài khoản"
        indexes = [models.Index(fields=["account", "-at"], name="account_reading")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.what} {self.account_id}"


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
