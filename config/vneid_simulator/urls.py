"""Addresses of the simulator, under /mo-phong-vneid/."""

from django.urls import path

from config.vneid_simulator import views

app_name = "vneid_simulator"
urlpatterns = [
    path(".well-known/openid-configuration", views.discovery, name="discovery"),
    path("jwks.json", views.keys, name="keys"),
    path("vao", views.Enter.as_view(), name="enter"),
    path("token", views.Token.as_view(), name="token"),
    path("ra", views.Leave.as_view(), name="leave"),
]
