"""How passwords are hashed, and the rule on length in Vietnamese (the framework's translation lacks that sentence)."""

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import gettext as _


class Argon2(Argon2PasswordHasher):
    """Argon2id at the strength OWASP asks for: 19 MiB, two passes, one lane.

    Django's own figures (100 MiB, eight lanes) would let a morning's sign-ins take the memory and the cores of all
    other pages.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1


class MinimumLength(MinimumLengthValidator):
    """At least so many characters, said in our words."""

    def get_error_message(self) -> str:
        """What is wrong."""
        return _("Mật khẩu ngắn quá, cần ít nhất %(n)s ký tự.") % {"n": self.min_length}

    def get_help_text(self) -> str:
        """What is asked."""
        return _("Ít nhất %(n)s ký tự.") % {"n": self.min_length}
