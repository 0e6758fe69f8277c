"""The simulator as an application of Django."""

from django.apps import AppConfig


class VnpaySimulatorConfig(AppConfig):
    """Only ever installed with DEV."""

    name = "config.vnpay_simulator"
    label = "vnpay_simulator"
    verbose_name = "VNPAY mô phỏng"
