from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommunityConfig(AppConfig):
    """What the site tells people and people tell the site: announcements, help, opinions, calendar."""

    name = "courses.community"
    label = "community"
    verbose_name = _("Community")

    def ready(self):
        from django.db.models.signals import post_delete, post_save

        from courses.enrolment import boards

        from . import announcements, feedback_views, privacy, survey
        from .models import Announcement

        boards.fill("announcements", announcements.shown)
        boards.fill("surveys", survey.open_surveys)
        boards.fill("lesson", feedback_views.on_lesson)
        for signal in (post_save, post_delete):
            signal.connect(announcements.forget, sender=Announcement, dispatch_uid="announcements")
        privacy.register_records()
