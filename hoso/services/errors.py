"""The one exception a service raises for people: it says what is wrong and what to do."""

from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config.said import Said
from config.ui import sentence

if TYPE_CHECKING:
    from hoso.models import Event


class Refused(Exception):
    """A business rule says no. `str(error)` is a sentence for the person who asked, `facts` what is filled into it."""

    def __init__(self, words: str, /, **facts: Any) -> None:
        self.words, self.facts = words, facts
        super().__init__(Said(words, **facts) if facts else words)

    @property
    def told(self) -> SafeString:
        """The sentence as a page shows it: where the page is in another language, the facts are marked as Vietnamese."""
        return sentence(self.words, **self.facts) if self.facts else conditional_escape(self.words)


class StepRefused(Refused):
    """The step cannot be taken from where the dossier now stands: somebody was faster, or the page is old."""

    def __init__(self, last: "Event | None", label: str = "") -> None:
        self.last = last
        if last is None:
            super().__init__(_("Hồ sơ không ở bước này. Mở lại hồ sơ để xem tình trạng hiện tại."))
            return
        at = timezone.localtime(last.at)
        super().__init__(
            _(
                "%(name)s vừa thực hiện “%(step)s” lúc %(time)s ngày %(day)s. "
                "Trang dưới đây là tình trạng hiện tại của hồ sơ; hãy xem lại trước khi làm tiếp."
            ),
            name=last.actor.full_name,
            step=_(label or last.name),
            time=f"{at:%H:%M}",
            day=f"{at:%d/%m/%Y}",
        )
