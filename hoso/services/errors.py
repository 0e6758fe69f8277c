"""The one exception a service raises for people: it says what is wrong and what to do."""

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from hoso.models import Event


class Refused(Exception):
    """A business rule says no. `str(error)` is a sentence for the person who asked."""


class StepRefused(Refused):
    """The step cannot be taken from where the dossier now stands: somebody was faster, or the page is old."""

    def __init__(self, last: "Event | None", label: str = "") -> None:
        self.last = last
        if last is None:
            text = _("Hồ sơ không ở bước này. Mở lại hồ sơ để xem tình trạng hiện tại.")
        else:
            at = timezone.localtime(last.at)
            text = _(
                "%(name)s vừa thực hiện “%(step)s” lúc %(time)s ngày %(day)s. "
                "Trang dưới đây là tình trạng hiện tại của hồ sơ; hãy xem lại trước khi làm tiếp."
            ) % {
                "name": last.actor.full_name,
                "step": _(label or last.name),
                "time": f"{at:%H:%M}",
                "day": f"{at:%d/%m/%Y}",
            }
        super().__init__(text)
