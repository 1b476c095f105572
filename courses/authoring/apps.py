from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuthoringConfig(AppConfig):
    """The author's desk in the Wagtail admin: it may know everything about a course."""

    name = "courses.authoring"
    label = "authoring"
    verbose_name = _("Authoring")

    def ready(self):
        from wagtail.admin.views.pages.bulk_actions.page_bulk_action import DefaultPageForm

        # Wagtail makes the label from the field's name, in English; the guide leads to this box.
        DefaultPageForm.base_fields["include_descendants"].label = _("Include the pages below")
