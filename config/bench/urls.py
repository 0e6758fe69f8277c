"""The addresses of the system and two bare pages to compare them with."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from config.urls import handler403, handler404
from config.urls import urlpatterns as addresses
from danhmuc.models import Agency

__all__ = ["handler403", "handler404", "urlpatterns"]


@login_not_required
def bare(request: HttpRequest) -> HttpResponse:
    """What Django itself costs: the middleware and nothing else."""
    return HttpResponse("tot", content_type="text/plain")


@login_not_required
def indexed(request: HttpRequest, pk: int) -> HttpResponse:
    """One row by primary key."""
    name = Agency.objects.filter(pk=pk).values_list("name", flat=True).first()
    return HttpResponse(name or "", content_type="text/plain; charset=utf-8")


urlpatterns: list[URLPattern | URLResolver] = [
    path("bench/bare/", bare),
    path("bench/query/<int:pk>/", indexed),
    *addresses,
]
