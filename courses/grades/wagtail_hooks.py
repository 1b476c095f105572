from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.widgets.button import Button

from courses.catalogue.models import CoursePage
from courses.releases.delivery import state_of


@hooks.register("register_page_header_buttons")
def header_buttons(page, user, view_name, next_url=None):
    """From the course's form to what counts towards its grade."""
    if page.specific_class is not CoursePage or not page.permissions_for_user(user).can_edit():
        return
    if state_of(page.translation_key) is None:
        return
    yield Button(
        _("Grades and completion"),
        reverse("course_grade_rules", args=[page.translation_key]),
        icon_name="tasks",
        priority=15,
    )
