from django.apps import AppConfig


class BuuchinhConfig(AppConfig):
    name = "buuchinh"
    verbose_name = "Bưu chính công ích"
