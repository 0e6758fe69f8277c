"""The counter's page for accounts: find the account of whoever stands there, put right what the papers say otherwise."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from danhmuc.models import User
from danhmuc.services import sign_in
from hoso.models import Dossier
from hoso.services.errors import Refused
from portal import access
from portal.forms.desk_accounts import CorrectionForm, FindForm
from portal.models import AccountCorrection
from portal.services import accounts, corrections
from portal.views.feedback_office import OfficePage

SHOWN = 10


def _named(made: AccountCorrection, *, removed: bool) -> list[str]:
    return [change["label"].lower() for change in made.changes if (not change["after"]) is removed]


class DeskPage(OfficePage):
    """For those who serve at a desk; other officers are refused."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse whoever has no desk (403); signing in was asked for before."""
        user = request.user
        if isinstance(user, User) and access.desk_for_accounts(user) is None:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def ip(self) -> str | None:
        """Where the officer sits."""
        return self.request.META.get("REMOTE_ADDR") or None


class Find(DeskPage):
    """One box. The number is posted, so that it stands in no address and no log."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The empty box."""
        return self.show(FindForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Straight to the account when the number names one; a short masked list when it names several."""
        form = FindForm(request.POST)
        if not form.is_valid():
            return self.show(form)
        found = corrections.find(form.cleaned_data["q"], self.officer)
        if len(found) == 1:
            return redirect("portal:desk_account", slip=corrections.slip(found[0], self.officer))
        corrections.note_reading(found, by=self.officer, what="thấy trong danh sách tìm", ip=self.ip)
        return self.show(form, found)

    def show(self, form: FindForm, found: list[User] | None = None) -> HttpResponse:
        """Draw the page."""
        rows = [
            {
                "name": person.full_name,
                "kind": person.get_kind_display(),
                "number": person.tax_code or corrections.mask_number(person.personal_id),
                "phone": accounts.mask_phone(person.phone),
                "url": reverse("portal:desk_account", args=[corrections.slip(person, self.officer)]),
            }
            for person in found or []
        ]
        context = {"form": form, "rows": rows, "none": found == [], "full": len(rows) == corrections.MOST}
        return render(self.request, "portal/office/accounts.html", context)


class Account(DeskPage):
    """One account at the counter: what is stored beside what the papers say."""

    account: User
    linked: bool

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The account this officer found; an old address leads back to the box."""
        user = request.user
        if isinstance(user, User) and access.desk_for_accounts(user) is not None:
            found = corrections.read_slip(kwargs["slip"], user)
            if found is None:
                messages.warning(request, "Trang này chỉ mở được trong ngày. Tìm lại tài khoản.")
                return redirect("portal:desk_accounts")
            self.account, self.linked = found, corrections.is_linked(found)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, slip: str) -> HttpResponse:
        """The form over what is stored; the reading is kept."""
        corrections.note_reading([self.account], by=self.officer, what="mở tài khoản tại quầy", ip=self.ip)
        last = corrections.last_change(self.account)
        form = CorrectionForm(self.account, linked=self.linked, initial={"seen": last.pk if last else 0})
        return self.show(form)

    def post(self, request: HttpRequest, slip: str) -> HttpResponse:
        """Put it right, or show it again with everything still there."""
        form = CorrectionForm(self.account, request.POST, linked=self.linked)
        if not form.is_valid():
            return self.show(form)
        try:
            made = corrections.correct(
                self.account,
                form.values(),
                paper=form.shown_paper(),
                reason=form.cleaned_data["reason"],
                by=self.officer,
                seen=form.cleaned_data["seen"] or 0,
            )
        except corrections.Overtaken as overtaken:
            return self.too_late(overtaken)
        except Refused as refused:
            form.add_error(None, str(refused))
            return self.show(form)
        done = " ".join(
            f"Đã {verb} {', '.join(names)}."
            for verb, names in (("sửa", _named(made, removed=False)), ("xóa", _named(made, removed=True)))
            if names
        )
        done += " Chủ tài khoản được báo."
        contacts = [change for change in made.changes if change["field"] in corrections.CONTACTS]
        if contacts:
            done += f" {self.next_step(fresh=any(change['after'] for change in contacts))}"
        messages.success(request, done)
        return HttpResponseRedirect(request.path)

    def next_step(self, *, fresh: bool) -> str:
        """How the holder proves a new contact, or gets in after one was removed: the code is typed on a device of their
        own, never told to an officer.
        """
        if not fresh:
            return (
                "Mật khẩu cũ đã hết hiệu lực: mời người dân mở “Quên mật khẩu” trên máy của mình, mã gửi đến liên hệ "
                "còn lại; tài khoản đã nối thì đăng nhập bằng định danh điện tử."
            )
        if sign_in.is_local_open(self.account.kind):
            return (
                "Mời người dân mở “Quên mật khẩu” trên máy của mình trong 24 giờ: mã gửi đến liên hệ mới, "
                "nhập mã là xác nhận và đặt mật khẩu mới. Không hỏi mã của người dân."
            )
        return "Người dân đăng nhập bằng định danh điện tử rồi xác nhận liên hệ mới ở trang Tài khoản."

    def too_late(self, overtaken: corrections.Overtaken) -> HttpResponse:
        """Somebody was faster: what is stored now, and what was typed, to be looked at once more."""
        self.account.refresh_from_db()
        self.linked = corrections.is_linked(self.account)
        last = corrections.last_change(self.account)
        data = self.request.POST.copy()
        data["seen"] = str(last.pk if last else 0)
        form = CorrectionForm(self.account, data, linked=self.linked)
        form.is_valid()
        return self.show(form, stale=str(overtaken), status=409)

    def show(self, form: CorrectionForm, *, stale: str = "", status: int = 200) -> HttpResponse:
        """Draw the page."""
        account = self.account
        open_ones = corrections.running(account)
        readable = open_ones.filter(pk__in=Dossier.objects.visible_to(self.officer).values("pk"))
        labels = corrections.labels_of(account, linked=False)
        made = AccountCorrection.objects.filter(account=account).select_related("by", "desk__agency")
        context = {
            "form": form,
            "account": account,
            "linked": self.linked,
            "stale": stale,
            "told": [
                where
                for where in (
                    accounts.mask_email(account.email) if account.email_confirmed else "",
                    accounts.mask_phone(account.phone) if account.phone_confirmed else "",
                )
                if where
            ],
            "stored": [
                {"label": label, "value": corrections.shown(account, field) or "Chưa có"}
                for field, label in labels.items()
            ]
            + [
                {"label": label, "value": corrections.contact(account, field) or "Chưa có"}
                for field, label in corrections.CONTACTS.items()
            ],
            "running": open_ones.count(),
            "dossiers": list(
                readable.select_related("version").defer("version__eform").order_by("-pk")[:SHOWN]
            ),
            "made": [(one, corrections.as_shown(one)) for one in made.order_by("-pk")[:SHOWN]],
        }
        return render(self.request, "portal/office/account.html", context, status=status)
