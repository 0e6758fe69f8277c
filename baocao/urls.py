"""Addresses of the reports, under /bao-cao/."""

from django.urls import path

from baocao import views

app_name = "baocao"
urlpatterns = [
    path("", views.Home.as_view(), name="home"),
    path("bieu/", views.Table.as_view(), name="table"),
    path("bieu/ho-so/", views.Dossiers.as_view(), name="dossiers"),
    path("bieu/excel/", views.Xlsx.as_view(), name="xlsx"),
    path("bieu/pdf/", views.Pdf.as_view(), name="pdf"),
    path("bieu/chot/", views.Close.as_view(), name="close"),
    path("don-vi/", views.AgencyPage.as_view(), name="agency"),
    path("theo-doi/", views.WatchList.as_view(), name="watch"),
    path("ky-da-chot/", views.Closings.as_view(), name="closings"),
]
