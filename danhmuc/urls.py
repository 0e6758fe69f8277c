"""Addresses of signing in, of one's own password, and of the procedure controller's words."""

from django.urls import path

from danhmuc import views
from danhmuc.wording import views as wording

app_name = "danhmuc"
urlpatterns = [
    path("dang-nhap/", views.SignIn.as_view(), name="login"),
    path("dang-xuat/", views.SignOut.as_view(), name="logout"),
    path("dang-nhap/con-lam/", views.StillHere.as_view(), name="still_here"),
    path("doi-mat-khau/", views.PasswordChange.as_view(), name="password_change"),
    path("doi-mat-khau/xong/", views.PasswordChanged.as_view(), name="password_change_done"),
    path("cach-goi/", wording.Synonyms.as_view(), name="synonyms"),
    path("cach-goi/them/", wording.SynonymPage.as_view(), name="synonym_new"),
    path("cach-goi/<int:pk>/", wording.SynonymPage.as_view(), name="synonym"),
    path("cach-goi/viec/", wording.LifeEvents.as_view(), name="life_events"),
    path("cach-goi/viec/them/", wording.LifeEventPage.as_view(), name="life_event_new"),
    path("cach-goi/viec/<int:pk>/", wording.LifeEventPage.as_view(), name="life_event"),
    path("cach-goi/lich-su/", wording.Changes.as_view(), name="wording_changes"),
]
