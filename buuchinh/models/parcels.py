"""A parcel: one leg of one dossier by post, its history, its note and its invitations."""

from typing import Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from buuchinh import access
from buuchinh.lifecycle import LIVE, ON_ROUTE, WAITING, Leg, Lifecycle, State
from danhmuc.models import User


class ParcelQuerySet(models.QuerySet["Parcel"]):
    """What many parcels have in common."""

    def visible_to(self, user: User) -> Self:
        """Those the person may see; the rest do not exist for them."""
        return self.filter(access.visible(user))

    def live(self) -> Self:
        """Not yet at an end."""
        return self.filter(state__in=LIVE)

    def waiting(self) -> Self:
        """Registered and not yet taken."""
        return self.filter(state__in=WAITING)

    def on_route_of(self, carrier: User) -> Self:
        """What one carrier still has to do something about."""
        return self.filter(carrier=carrier, state__in=ON_ROUTE)

    def for_list(self) -> Self:
        """What a row of any list shows, in one query; the contents of a dossier are not part of it."""
        return self.select_related(
            "dossier__version", "dossier__desk__agency", "unit", "carrier", "place"
        ).defer(
            "dossier__answers",
            "dossier__search",
            "dossier__version__eform",
            "dossier__version__steps_text",
            "dossier__version__legal_basis",
        )


class Parcel(Lifecycle):
    """One leg of a dossier's way by post. State and due day are columns for speed; events are the record."""

    class Scope(models.TextChoices):
        """Distance classes of TT17 Art 7 and of the price list."""

        NEAR = "noi_huyen", "Trong cùng vùng phát"
        PROVINCE = "lien_huyen", "Trong tỉnh"
        REGION = "lien_tinh_noi_vung", "Tỉnh khác, cùng vùng"
        COUNTRY = "lien_tinh_lien_vung", "Tỉnh khác, khác vùng"

    class Part(models.TextChoices):
        ANY = "", "Cả ngày"
        MORNING = "morning", "Buổi sáng"
        AFTERNOON = "afternoon", "Buổi chiều"

    class Order(models.TextChoices):
        """What the operator's own system answered (§11.11)."""

        QUEUED = "queued", "Chờ gửi sang hệ thống bưu điện"
        ACCEPTED = "accepted", "Hệ thống bưu điện đã nhận"
        REFUSED = "refused", "Hệ thống bưu điện từ chối"

    class Fault(models.TextChoices):
        """Why an attempt failed."""

        ABSENT = "absent", "Đi vắng"
        NO_ANSWER = "no_answer", "Không liên lạc được"
        ADDRESS = "address", "Sai địa chỉ hoặc đã chuyển đi"
        LATER = "later", "Hẹn ngày khác"
        REFUSED = "refused", "Từ chối nhận"
        UNPAID = "unpaid", "Không trả cước, phí"
        PAPERS = "papers", "Chưa đủ giấy tờ để gửi"

    dossier = models.ForeignKey("hoso.Dossier", models.PROTECT, related_name="parcels", verbose_name="hồ sơ")
    tracking_number = models.CharField("số hiệu bưu gửi", max_length=20, blank=True)
    unit = models.ForeignKey(
        "danhmuc.Agency", models.PROTECT, related_name="parcels", verbose_name="đơn vị bưu chính"
    )
    carrier = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="parcels", verbose_name="bưu tá"
    )
    scope = models.CharField("phạm vi", max_length=24, choices=Scope)
    contact = models.CharField("người gửi, người nhận", max_length=160)
    phone = models.CharField("điện thoại", max_length=16, blank=True)
    address = models.CharField("địa chỉ", max_length=300, blank=True)
    place = models.ForeignKey("danhmuc.Place", models.PROTECT, null=True, blank=True, related_name="+")
    wished_on = models.DateField("ngày hẹn", null=True, blank=True)
    wished_part = models.CharField("buổi", max_length=10, choices=Part, blank=True)
    papers = models.JSONField(
        "giấy tờ", default=list, help_text="[{name, original, copy, component}] như trên phiếu gửi"
    )
    postage = models.PositiveIntegerField("cước (đồng)", null=True, blank=True)
    postage_taken = models.PositiveIntegerField("cước đã thu (đồng)", default=0)
    due_on = models.DateField("phải đến nơi chậm nhất", null=True, blank=True)
    return_from = models.DateField("được chuyển hoàn từ", null=True, blank=True)
    guidance = models.TextField("hướng dẫn người gửi", blank=True)
    order_state = models.CharField("đơn bưu chính", max_length=8, choices=Order, blank=True)
    order_reference = models.CharField("mã đơn của bưu điện", max_length=60, blank=True)
    order_answer = models.CharField("trả lời của bưu điện", max_length=300, blank=True)
    order_attempts = models.PositiveSmallIntegerField("số lần gửi đơn", default=0)
    order_due_at = models.DateTimeField("gửi đơn lúc", null=True, blank=True)
    registered_at = models.DateTimeField("đăng ký lúc")
    last_seq = models.PositiveIntegerField("số sự kiện", default=0)

    objects = ParcelQuerySet.as_manager()

    class Meta:
        verbose_name = "bưu gửi"
        verbose_name_plural = "bưu gửi"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "leg"], condition=Q(state__in=LIVE), name="one_live_parcel_a_leg"
            ),
            models.UniqueConstraint(
                fields=["tracking_number"], condition=~Q(tracking_number=""), name="one_parcel_a_tracking"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*WAITING, State.CANCELLED, State.FAILED]) | ~Q(tracking_number=""),
                name="carried_parcel_has_a_number",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=ON_ROUTE) | Q(carrier__isnull=False),
                name="carried_parcel_has_a_carrier",
            ),
        ]
        indexes = [
            models.Index(fields=["carrier", "wished_on"], name="parcel_route", condition=Q(state__in=LIVE)),
            models.Index(fields=["unit", "registered_at"], name="parcel_open", condition=Q(state__in=LIVE)),
            models.Index(fields=["order_due_at"], name="parcel_order", condition=Q(order_state="queued")),
            # What a postman did today, among all he ever did.
            models.Index(fields=["carrier", "finished_at"], name="parcel_done"),
            models.Index(
                fields=["carrier", "collected_at"], name="parcel_collected", condition=Q(leg=Leg.PICKUP)
            ),
        ]

    def __str__(self) -> str:
        return self.tracking_number or f"{self.get_leg_display()} {self.pk}"

    @property
    def is_pickup(self) -> bool:
        """Papers on their way to the desk."""
        return self.leg == Leg.PICKUP

    @property
    def is_live(self) -> bool:
        """Not yet at an end."""
        return self.state in LIVE


class ParcelEvent(models.Model):
    """Append-only history of a parcel; the database refuses to change or delete a row."""

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField("thứ tự")
    name = models.CharField("bước", max_length=24)
    source = models.CharField("từ tình trạng", max_length=20, choices=State)
    target = models.CharField("đến tình trạng", max_length=20, choices=State)
    actor = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người làm")
    at = models.DateTimeField("lúc")
    note = models.CharField("nội dung", max_length=500, blank=True)
    data = models.JSONField("số liệu", default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "sự kiện bưu gửi"
        verbose_name_plural = "sự kiện bưu gửi"
        ordering = ["parcel", "seq"]
        constraints = [models.UniqueConstraint(fields=["parcel", "seq"], name="one_parcel_event_a_place")]

    def __str__(self) -> str:
        return f"{self.parcel_id}#{self.seq} {self.name}"


class ConsignmentNote(models.Model):
    """Phiếu gửi hồ sơ: co-signed contract of carriage (TT17 Art 9; QĐ45 6.4, 9.2). Its facts never change."""

    parcel = models.OneToOneField(Parcel, models.PROTECT, related_name="note")
    number = models.CharField("số hiệu", max_length=20, unique=True)
    facts = models.JSONField("nội dung", default=dict, encoder=DjangoJSONEncoder)
    signed_name = models.CharField("bên kia ký", max_length=160)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField("lập lúc")

    class Meta:
        verbose_name = "phiếu gửi"
        verbose_name_plural = "phiếu gửi"

    def __str__(self) -> str:
        return self.number


class Invitation(models.Model):
    """An invitation after a failed delivery: two at least, two working days apart (TT17 5.2h)."""

    parcel = models.ForeignKey(Parcel, models.PROTECT, related_name="invitations")
    number = models.PositiveSmallIntegerField("lần")
    due_on = models.DateField("ngày mời")
    sent_at = models.DateTimeField("đã mời lúc", null=True, blank=True)

    class Meta:
        verbose_name = "giấy mời nhận"
        verbose_name_plural = "giấy mời nhận"
        ordering = ["parcel", "number"]
        constraints = [models.UniqueConstraint(fields=["parcel", "number"], name="one_invitation_a_number")]
        indexes = [models.Index(fields=["due_on"], name="invitation_due", condition=Q(sent_at=None))]

    def __str__(self) -> str:
        return f"{self.parcel_id} lần {self.number}"


class TrackingPool(models.Model):
    """A block of S10 serials allotted to a post unit (domain §11.11); taken one by one, without gaps."""

    unit = models.ForeignKey("danhmuc.Agency", models.PROTECT, related_name="tracking_pools")
    service = models.CharField("loại dịch vụ", max_length=2, default="EP")
    first = models.PositiveIntegerField("từ số")
    last = models.PositiveIntegerField("đến số")
    next = models.PositiveIntegerField("số kế tiếp")

    class Meta:
        verbose_name = "dải số bưu gửi"
        verbose_name_plural = "dải số bưu gửi"
        ordering = ["unit", "first"]
        constraints = [
            models.UniqueConstraint(fields=["service", "first"], name="one_pool_a_start"),
            models.CheckConstraint(
                condition=Q(first__lte=F("last"), last__lte=99_999_999)
                & Q(next__gte=F("first"), next__lte=F("last") + 1),
                name="pool_within_its_block",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.first:08d}–{self.last:08d}"
