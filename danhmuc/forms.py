"""Forms of signing in and of one's own password."""

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils import timezone

from danhmuc.models import User
from danhmuc.services import sign_in


class SignInForm(AuthenticationForm):
    """Sign-in name or personal ID, and password. Guesses are counted by the name typed."""

    error_messages = {
        "invalid_login": "Tên đăng nhập hoặc mật khẩu chưa đúng.",
        "inactive": "Tài khoản này đã khóa. Cán bộ liên hệ quản trị của đơn vị.",
        "locked": "Đã nhập sai nhiều lần. Thử lại sau %(time)s hoặc nhờ cấp lại mật khẩu.",
        "expired": "Mật khẩu tạm đã hết hạn. Nhờ quản trị của đơn vị cấp lại.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "Tên đăng nhập hoặc số định danh cá nhân"
        self.fields["username"].widget.attrs |= {"autocapitalize": "none", "autocomplete": "username"}
        self.fields["password"].label = "Mật khẩu"
        for field in self.fields.values():
            field.error_messages["required"] = f"Chưa nhập {str(field.label).lower()}."

    def clean(self) -> dict[str, Any]:
        """Judge the pair; the answer is the same whether or not the account exists."""
        typed = self.cleaned_data.get("username") or ""
        if typed:
            self._refuse_locked(sign_in.locked_until(typed))
            self.cleaned_data["username"] = sign_in.username_of(typed)
        try:
            cleaned: dict[str, Any] = super().clean()
        except ValidationError as error:
            if error.code == "invalid_login":
                self._refuse_locked(sign_in.record_failure(typed))
            raise
        if self.get_user() is not None:
            sign_in.forget_failures(typed)
        return cleaned

    def confirm_login_allowed(self, user: Any) -> None:
        """Besides Django's own check: a temporary password expires."""
        super().confirm_login_allowed(user)
        if user.must_change_password and user.temporary_until and user.temporary_until < timezone.now():
            raise ValidationError(self.error_messages["expired"], code="expired")

    def _refuse_locked(self, until: Any) -> None:
        if until:
            raise ValidationError(
                self.error_messages["locked"],
                code="locked",
                params={"time": f"{timezone.localtime(until):%H:%M}"},
            )


class OwnPasswordForm(PasswordChangeForm):
    """Change of one's own password; the new one must be new."""

    error_messages = {
        "password_incorrect": "Mật khẩu hiện nay chưa đúng.",
        "password_mismatch": "Hai lần nhập mật khẩu mới không giống nhau.",
        "same": "Mật khẩu mới phải khác mật khẩu hiện nay.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "old_password": "Mật khẩu hiện nay",
            "new_password1": "Mật khẩu mới",
            "new_password2": "Nhập lại mật khẩu mới",
        }
        for name, label in labels.items():
            self.fields[name].label = label
            self.fields[name].error_messages["required"] = f"Chưa nhập {label.lower()}."
        self.fields[
            "new_password1"
        ].help_text = "Ít nhất 8 ký tự, không chỉ gồm chữ số, không giống tên của bạn."
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
