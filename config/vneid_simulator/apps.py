"""The simulator as an application of Django."""

from django.apps import AppConfig


class VneidSimulatorConfig(AppConfig):
    """Only ever installed with DEV."""

    name = "config.vneid_simulator"
    label = "vneid_simulator"
    verbose_name = "VNeID mô phỏng"
