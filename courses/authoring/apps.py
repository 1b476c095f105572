from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuthoringConfig(AppConfig):
    """The author's desk in the Wagtail admin: it may know everything about a course."""

    name = "courses.authoring"
    label = "authoring"
    verbose_name = _("Authoring")
