"""Files of a dossier: uploaded, scanned or issued. Bytes are addressed by their hash and never overwritten."""

from typing import Any

from django.db import models
from django.db.models import Q

from danhmuc.models import User


class StoredFile(models.Model):
    """What any row says of the bytes it names. Whoever derives from it is scanned, verified and never swept away."""

    class Verdict(models.TextChoices):
        UNCHECKED = "unchecked", "Chưa quét mã độc"
        CLEAN = "clean", "Không có mã độc"
        INFECTED = "infected", "Có mã độc"

    name = models.CharField("tên tệp", max_length=255)
    sha256 = models.CharField("mã băm SHA-256", max_length=64)
    size = models.PositiveBigIntegerField("dung lượng (byte)")
    media_type = models.CharField("kiểu tệp", max_length=80)
    pages = models.PositiveIntegerField("số trang", null=True, blank=True)
    signatures = models.JSONField("chữ ký số", default=list)
    virus_check = models.CharField("quét mã độc", max_length=10, choices=Verdict, default=Verdict.UNCHECKED)
    added_at = models.DateTimeField("lúc")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def of_bytes(self) -> dict[str, Any]:
        """What is known of the bytes, for another row that names them."""
        names = ("name", "sha256", "size", "media_type", "pages", "signatures", "virus_check")
        return {name: getattr(self, name) for name in names}


class Document(StoredFile):
    """One file of a dossier. A better one replaces it by a new row; this one stays readable with its hash."""

    class Kind(models.TextChoices):
        UPLOAD = "upload", "Người nộp tải lên"
        SCAN = "scan", "Bộ phận Một cửa quét"
        RELIEF = "relief", "Giấy tờ xin miễn, giảm phí"
        PAPER = "paper", "Phiếu theo mẫu"
        DRAFT_RESULT = "draft_result", "Dự thảo kết quả"
        RESULT = "result", "Kết quả giải quyết"
        ATTACHMENT = "attachment", "Tài liệu của cơ quan"
        AUTHORITY = "authority", "Giấy ủy quyền"

    #: What an applicant or the desk for the applicant hands in.
    GIVEN = (Kind.UPLOAD, Kind.SCAN, Kind.AUTHORITY)
    #: What a paper says of itself; it goes along wherever the paper is used again.
    OF_THE_PAPER = ("copy_kind", "number", "issued_on", "valid_to")

    class CopyKind(models.TextChoices):
        ORIGINAL = "original", "Bản chính"
        COPY = "copy", "Bản sao"
        CERTIFIED = "certified", "Bản chứng thực"
        PHOTO = "photo", "Bản chụp"

    dossier = models.ForeignKey("hoso.Dossier", models.PROTECT, related_name="documents")
    component = models.ForeignKey(
        "danhmuc.Component", models.PROTECT, null=True, blank=True, related_name="+"
    )
    kind = models.CharField("loại", max_length=14, choices=Kind)
    title = models.CharField("tên giấy tờ", max_length=1000, blank=True)
    copy_kind = models.CharField("bản", max_length=10, choices=CopyKind, default=CopyKind.PHOTO)
    number = models.CharField("số, ký hiệu", max_length=60, blank=True)
    issued_on = models.DateField("ngày ban hành", null=True, blank=True)
    valid_to = models.DateField("có giá trị đến", null=True, blank=True)
    #: What the bytes were made from (photographs turned, joined, without their place): name, sha256, size, note a page.
    originals = models.JSONField("tệp gốc", default=list)
    source = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reuses", verbose_name="dùng lại từ"
    )
    ask_issuer_at = models.DateTimeField("hỏi lại nơi cấp chứng thư lúc", null=True, blank=True)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaces")
    #: Out of a draft: forgotten. Out of a filed dossier, by an amendment: kept readable to the office.
    removed_at = models.DateTimeField("gỡ lúc", null=True, blank=True)

    class Meta:
        verbose_name = "giấy tờ"
        verbose_name_plural = "giấy tờ"
        ordering = ["dossier", "pk"]
        indexes = [
            models.Index(fields=["sha256"], name="document_by_hash"),
            models.Index(
                fields=["added_at"], name="document_unchecked", condition=Q(virus_check="unchecked")
            ),
            models.Index(
                fields=["ask_issuer_at"],
                name="document_to_ask",
                condition=Q(ask_issuer_at__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="document_hash_is_sha256"
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="document_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.title or self.name

    @property
    def is_current(self) -> bool:
        """Neither replaced nor taken out."""
        return self.replaced_by_id is None and self.removed_at is None

    @property
    def was_filed(self) -> bool:
        """Whether it is, or once was, part of what was handed in; the office may read it."""
        filed = self.dossier.submitted_at
        return self.removed_at is None or (filed is not None and self.removed_at >= filed)


class Paper(models.Model):
    """A printed form issued at a step: its number and facts now, its PDF on first need, the bytes kept from then on."""

    class Kind(models.TextChoices):
        SUBMISSION_PROOF = "submission_proof", "Xác nhận nộp hồ sơ trực tuyến"
        ACCEPTANCE_SLIP = "acceptance_slip", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả"
        SUPPLEMENT_SLIP = "supplement_slip", "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"
        REFUSAL_SLIP = "refusal_slip", "Phiếu từ chối tiếp nhận giải quyết hồ sơ"
        APOLOGY_EXTENSION = "apology_extension", "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết"
        STOP_NOTICE = "stop_notice", "Thông báo dừng giải quyết hồ sơ"
        CONTROL_SLIP = "control_slip", "Phiếu kiểm soát quá trình giải quyết hồ sơ"
        TRANSFER_SLIP = "transfer_slip", "Phiếu chuyển xử lý"
        RETURN_RECEIPT = "return_receipt", "Giấy biên nhận trả kết quả"
        FEE_RECEIPT = "fee_receipt", "Biên lai thu phí, lệ phí"
        RESULT = "result", "Văn bản kết quả"

    dossier = models.ForeignKey("hoso.Dossier", models.PROTECT, related_name="papers")
    kind = models.CharField("mẫu", max_length=20, choices=Kind)
    seq = models.PositiveIntegerField("lần in thứ", default=1)
    event_seq = models.PositiveIntegerField("theo sự kiện số", default=0)
    number = models.CharField("số", max_length=60, blank=True)
    form_set = models.CharField("bộ biểu mẫu", max_length=24, blank=True)
    facts = models.JSONField("nội dung", default=dict)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField("lập lúc")
    document = models.OneToOneField(Document, models.PROTECT, null=True, blank=True, related_name="paper")
    # Printed on a result with its QR code: whoever holds the paper can ask whether it is the one that was issued.
    verify_code = models.CharField("mã xác minh", max_length=12, blank=True)
    reprints = models.PositiveIntegerField("số lần in lại", default=0)
    filing_failures = models.PositiveSmallIntegerField("số lần tạo tệp không được", default=0)

    class Meta:
        verbose_name = "phiếu theo mẫu"
        verbose_name_plural = "phiếu theo mẫu"
        ordering = ["dossier", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "kind", "seq"], name="one_paper_a_kind_and_time"),
            models.UniqueConstraint(
                fields=["verify_code"], condition=~Q(verify_code=""), name="one_result_a_verify_code"
            ),
        ]
        indexes = [
            models.Index(fields=["issued_at"], name="paper_unfiled", condition=Q(document=None)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}".strip()
