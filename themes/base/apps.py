from django.apps import AppConfig


class BaseThemeConfig(AppConfig):
    name = "themes.base"
    label = "base_theme"
