"""The rule on length in Vietnamese; the framework's translation lacks this one sentence."""

from django.contrib.auth.password_validation import MinimumLengthValidator


class MinimumLength(MinimumLengthValidator):
    """At least so many characters, said in Vietnamese."""

    def get_error_message(self) -> str:
        """What is wrong."""
        return f"Mật khẩu ngắn quá, cần ít nhất {self.min_length} ký tự."

    def get_help_text(self) -> str:
        """What is asked."""
        return f"Ít nhất {self.min_length} ký tự."
