"""Who acts for an organisation: invited, accepted, and one day no longer."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from danhmuc.models.accounts import User


class MembershipQuerySet(models.QuerySet["Membership"]):
    """What many memberships have in common."""

    def present(self) -> "MembershipQuerySet":
        """Accepted and not ended."""
        return self.filter(accepted_at__isnull=False, ended_at=None)

    def invited(self) -> "MembershipQuerySet":
        """Invitations nobody has answered or taken back."""
        return self.filter(accepted_at=None, ended_at=None)


class Membership(models.Model):
    """One person in one organisation. A row that has ended is history; whoever comes back gets a new one.

    An invitation names a personal ID or an e-mail address, whether or not such an account exists: the person finds
    it when they sign in, and the one who invites learns nothing about accounts.
    """

    class Role(models.TextChoices):
        MANAGER = "manager", "Quản lý"
        MEMBER = "member", "Thành viên"

    organisation = models.ForeignKey(
        User,
        models.CASCADE,
        related_name="members",
        verbose_name="tổ chức",
        limit_choices_to={"kind": "organisation"},
    )
    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="memberships", verbose_name="người"
    )
    role = models.CharField("vai trò", max_length=8, choices=Role, default=Role.MEMBER)
    invited_id = models.CharField("số định danh được mời", max_length=12, blank=True)
    invited_email = models.EmailField("thư điện tử được mời", blank=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="người mời")
    invited_at = models.DateTimeField("mời lúc", default=timezone.now)
    accepted_at = models.DateTimeField("nhận lời lúc", null=True, blank=True)
    ended_at = models.DateTimeField("thôi lúc", null=True, blank=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="người cho thôi"
    )

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "thành viên tổ chức"
        verbose_name_plural = "thành viên tổ chức"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "user"],
                condition=Q(accepted_at__isnull=False, ended_at=None),
                name="one_present_membership",
            ),
            models.UniqueConstraint(
                fields=["organisation", "invited_id", "invited_email"],
                condition=Q(accepted_at=None, ended_at=None),
                name="one_open_invitation",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(user__isnull=False), name="member_is_somebody"
            ),
            models.CheckConstraint(
                condition=~Q(invited_id="") | ~Q(invited_email=""), name="invitation_names_somebody"
            ),
        ]
        indexes = [
            models.Index(
                fields=["user"], name="member_present", condition=Q(accepted_at__isnull=False, ended_at=None)
            ),
            models.Index(
                fields=["invited_id"], name="invited_by_id", condition=Q(accepted_at=None, ended_at=None)
            ),
            models.Index(
                fields=["invited_email"],
                name="invited_by_email",
                condition=Q(accepted_at=None, ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.invited_as} – {self.organisation}"

    @property
    def invited_as(self) -> str:
        """What the invitation names."""
        return self.invited_id or self.invited_email
