from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DiscussionConfig(AppConfig):
    name = "activities.discussion"
    label = "discussion"
    verbose_name = _("Discussion")

    def ready(self):
        from activities.core import registry

        from . import (
            notices,  # noqa: F401 - registers them
            receivers,  # noqa: F401 - connects the signals
        )
        from .kind import DiscussionKind

        registry.register(DiscussionKind())
