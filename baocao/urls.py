"""Addresses of the reports, under /bao-cao/."""

from django.urls import path

from baocao.views import agency, lists, public, tables

app_name = "baocao"
urlpatterns = [
    path("", tables.Home.as_view(), name="home"),
    path("bieu/", tables.Table.as_view(), name="table"),
    path("bieu/ho-so/", lists.Dossiers.as_view(), name="dossiers"),
    path("bieu/excel/", tables.Xlsx.as_view(), name="xlsx"),
    path("bieu/pdf/", tables.Pdf.as_view(), name="pdf"),
    path("bieu/chot/", tables.Close.as_view(), name="close"),
    path("don-vi/", agency.AgencyPage.as_view(), name="agency"),
    path("theo-doi/", lists.WatchList.as_view(), name="watch"),
    path("cong-khai/", public.Results.as_view(), name="public"),
    path("cong-khai/<slug:key>/", public.UnitResults.as_view(), name="public_agency"),
    path("ky-da-chot/", tables.Closings.as_view(), name="closings"),
]
