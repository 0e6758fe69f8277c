"""Addresses of the simulator, under /mo-phong-vnpay/."""

from django.urls import path

from config.vnpay_simulator import views

app_name = "vnpay_simulator"
urlpatterns = [
    path("", views.Books.as_view(), name="books"),
    path("vpcpay.html", views.Pay.as_view(), name="pay"),
    path("merchant_webapi/api/transaction", views.Transactions.as_view(), name="transactions"),
]
