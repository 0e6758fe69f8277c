from django.apps import AppConfig


class ProductConfig(AppConfig):
    """The whole product: commands that look across every app."""

    name = "config"
    label = "config"
    verbose_name = "Toàn hệ thống"
