"""Addresses of the whole system, in Vietnamese as people read them."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from config import installed
from config.gallery import Gallery
from config.health import Health

handler403 = "portal.views.refused.forbidden"
handler404 = "portal.views.refused.not_found"
urlpatterns: list[URLPattern | URLResolver] = [
    path("suc-khoe/", Health.as_view(), name="health"),
    path("ngon-ngu/", login_not_required(set_language), name="set_language"),
    path("ung-dung.webmanifest", installed.Manifest.as_view(), name="manifest"),
    path("sw.js", installed.Worker.as_view(), name="service_worker"),
    path("mat-mang/", installed.Offline.as_view(), name="offline"),
    path("quan-tri/", admin.site.urls),
    path("mau-giao-dien/", Gallery.as_view(), name="gallery"),
    path("", include("danhmuc.urls")),
    path("mot-cua/", include("hoso.urls")),
    path("buu-chinh/", include("buuchinh.urls")),
    *([path("bao-cao/", include("baocao.urls"))] if find_spec("baocao.urls") else []),
    *([path("mo-phong-vnpay/", include("config.vnpay_simulator.urls"))] if settings.VNPAY_SIMULATED else []),
    *([path("mo-phong-vneid/", include("config.vneid_simulator.urls"))] if settings.EID_SIMULATED else []),
    path("", include("portal.urls")),
]
