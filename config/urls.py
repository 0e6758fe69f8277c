"""Addresses of the whole system, in Vietnamese as people read them."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config.gallery import Gallery
from config.health import Health

_APPS = {
    "": ["danhmuc.urls", "portal.urls"],
    "mot-cua/": ["hoso.urls"],
    "buu-chinh/": ["buuchinh.urls"],
    "bao-cao/": ["baocao.urls"],
}

urlpatterns: list[URLPattern | URLResolver] = [
    path("suc-khoe/", Health.as_view(), name="health"),
    path("quan-tri/", admin.site.urls),
    path("mau-giao-dien/", Gallery.as_view(), name="gallery"),
    *(path(prefix, include(name)) for prefix, names in _APPS.items() for name in names if find_spec(name)),
]
