from django.apps import AppConfig


class DemoConfig(AppConfig):
    """A living demo province. It stands above every app because its stories run through all of them."""

    name = "config.demo"
    label = "demo"
    verbose_name = "Tỉnh trình diễn"
