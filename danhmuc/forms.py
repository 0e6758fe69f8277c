"""Forms of signing in and of one's own password."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from danhmuc.models import User
from danhmuc.services import sign_in


class SignInForm(AuthenticationForm):
    """A name one is known by, and the password. Guesses are counted by the account meant, whatever name was typed."""

    error_messages = {
        "invalid_login": _("Tên đăng nhập hoặc mật khẩu chưa đúng."),
        "inactive": _("Tài khoản này đã khóa. Cán bộ liên hệ quản trị của đơn vị."),
        "locked": _(
            "Đã nhập sai %(times)s lần nên đăng nhập tạm dừng để bảo vệ tài khoản, kể cả khi mật khẩu đúng. "
            "Thử lại sau %(time)s, hoặc lấy lại mật khẩu; lấy lại xong thì đăng nhập được ngay."
        ),
        "expired": _("Mật khẩu tạm đã hết hạn. Nhờ quản trị của đơn vị cấp lại."),
        "eid_only": _(
            "Mật khẩu đúng, nhưng từ sau ngày %(day)s tài khoản do Cổng của tỉnh cấp không còn dùng để đăng nhập "
            "(Nghị định 69/2024/NĐ-CP, Điều 40). Hãy đăng nhập bằng tài khoản định danh điện tử."
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["username"], self.fields["password"]
        name.label = _("Tên đăng nhập")
        name.help_text = _("Số định danh cá nhân, mã số thuế, thư điện tử đã xác nhận hoặc tên đăng nhập.")
        name.widget.attrs |= {"autocapitalize": "none", "autocomplete": "username", "spellcheck": "false"}
        password.label = _("Mật khẩu")
        name.error_messages["required"] = _("Chưa nhập tên đăng nhập.")
        password.error_messages["required"] = _("Chưa nhập mật khẩu.")

    def clean(self) -> dict[str, Any]:
        """Judge the pair; the answer is the same whether or not the account exists."""
        typed = self.cleaned_data.get("username") or ""
        name = sign_in.username_of(typed) if typed else ""
        if name:
            self._refuse_locked(sign_in.locked_until(name))
            self.cleaned_data["username"] = name
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError as error:
            if error.code == "invalid_login":
                self._refuse_locked(sign_in.record_failure(name))
            raise
        if self.get_user() is not None:
            sign_in.forget_failures(name)
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        """Besides Django's own check: a temporary password expires, and so do accounts the law has ended."""
        super().confirm_login_allowed(user)
        if user.must_change_password and user.temporary_until and user.temporary_until < timezone.now():
            raise ValidationError(self.error_messages["expired"], code="expired")
        if not sign_in.is_local_open(user.kind):
            until = sign_in.local_until(user.kind)
            raise ValidationError(
                self.error_messages["eid_only"], code="eid_only", params={"day": f"{until:%d/%m/%Y}"}
            )

    def _refuse_locked(self, until: Any) -> None:
        if until:
            time = f"{timezone.localtime(until):%H:%M}"
            raise ValidationError(
                self.error_messages["locked"],
                code="locked",
                params={"time": time, "times": sign_in.MAX_FAILURES},
            )


PASSWORD_HINT = _("Ít nhất 8 ký tự, không chỉ gồm chữ số, không giống tên hoặc số giấy tờ của mình.")


class OwnPasswordForm(PasswordChangeForm):
    """Change of one's own password; the new one must be new."""

    error_messages = {
        "password_incorrect": _("Mật khẩu hiện nay chưa đúng."),
        "password_mismatch": _("Hai lần nhập mật khẩu mới không giống nhau."),
        "same": _("Mật khẩu mới phải khác mật khẩu hiện nay."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "old_password": (_("Mật khẩu hiện nay"), _("Chưa nhập mật khẩu hiện nay.")),
            "new_password1": (_("Mật khẩu mới"), _("Chưa nhập mật khẩu mới.")),
            "new_password2": (_("Nhập lại mật khẩu mới"), _("Chưa nhập lại mật khẩu mới.")),
        }
        for name, (label, missing) in labels.items():
            self.fields[name].label = label
            self.fields[name].error_messages["required"] = missing
        self.fields["new_password1"].help_text = PASSWORD_HINT
        self.fields["new_password2"].help_text = ""

    def clean_new_password1(self) -> str:
        """Refuse the present password as the new one."""
        new: str = self.cleaned_data["new_password1"]
        if new and self.user.check_password(new):
            raise ValidationError(self.error_messages["same"], code="same")
        return new

    def save(self, commit: bool = True) -> User:
        """Store it; from now on it is the person's own."""
        self.user.must_change_password = False
        self.user.temporary_until = None
        user: User = super().save(commit)
        return user


class StaffCreationForm(forms.ModelForm):
    """A new person in the administration: the password is issued later, never typed by someone else."""

    class Meta:
        model = User
        fields = ("username", "full_name", "kind", "phone", "email")

    def save(self, commit: bool = True) -> User:
        """The account can not sign in until a temporary password is issued."""
        self.instance.set_unusable_password()
        user: User = super().save(commit)
        return user
