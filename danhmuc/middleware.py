"""A temporary password opens no page but the change of password (invariant 14)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse


class MustChangePassword:
    """Sends people with a temporary password to the change of password, whatever they asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.must_change_password:
            door = reverse("danhmuc:password_change")
            if request.path not in {door, reverse("danhmuc:logout")}:
                return redirect(door)
        return self.get_response(request)
