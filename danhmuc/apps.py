from django.apps import AppConfig


class DanhmucConfig(AppConfig):
    name = "danhmuc"
    verbose_name = "Danh mục"
