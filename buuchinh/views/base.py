"""What the postal pages share: who may come in, one parcel, and answers to old pages and double taps."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.generic import View

from buuchinh import access
from buuchinh.models import Parcel
from danhmuc.models import User


class PostalPage(View):
    """A page of the postal module; `allowed` says for whom. Others are refused with 403."""

    @staticmethod
    def allowed(user: User) -> bool:
        """Whether this person has business here."""
        return access.is_carrier(user)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse other accounts; signing in was asked for before."""
        if not self.allowed(self.person):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def person(self) -> User:
        """Who is asking."""
        user = self.request.user
        assert isinstance(user, User)
        return user

    def tabs(self, current: str) -> list[dict[str, Any]]:
        """The tab bar of the phone."""
        return [
            {
                "label": "Hôm nay",
                "url": reverse("buuchinh:home"),
                "icon": "list",
                "current": current == "today",
            },
            {
                "label": "Ngày mai",
                "url": reverse("buuchinh:tomorrow"),
                "icon": "calendar",
                "current": current == "tomorrow",
            },
            {
                "label": "Nộp tiền",
                "url": reverse("buuchinh:money"),
                "icon": "cash",
                "current": current == "money",
            },
            {
                "label": "Mã bàn giao",
                "url": reverse("buuchinh:code"),
                "icon": "key",
                "current": current == "code",
            },
        ]


def own_parcel(user: User, pk: int) -> Parcel:
    """A parcel this carrier carries, with what its pages show; another's is a 404."""
    found = (
        Parcel.objects.for_list()
        .select_related("dossier__desk__serves", "unit__parent")
        .filter(pk=pk, carrier=user)
        .first()
    )
    if found is None:
        raise Http404("Không có bưu gửi này trong tuyến của ông/bà.")
    return found


def say(request: HttpRequest, text: str, *, warn: bool = False) -> None:
    """A message for the next page."""
    (messages.warning if warn else messages.success)(request, text)
