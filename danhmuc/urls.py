"""Addresses of signing in and of one's own password."""

from django.urls import path

from danhmuc import views

app_name = "danhmuc"
urlpatterns = [
    path("dang-nhap/", views.SignIn.as_view(), name="login"),
    path("dang-xuat/", views.SignOut.as_view(), name="logout"),
    path("dang-nhap/con-lam/", views.StillHere.as_view(), name="still_here"),
    path("doi-mat-khau/", views.PasswordChange.as_view(), name="password_change"),
    path("doi-mat-khau/xong/", views.PasswordChanged.as_view(), name="password_change_done"),
]
