"""The courses that somebody may edit; those worked on last are on the first page of the authoring site."""

from django.db.models import Exists, F, OuterRef
from wagtail.admin.ui.components import Component
from wagtail.permission_policies.pages import PagePermissionPolicy

from courses.catalogue.models import CoursePage
from courses.releases.models import CourseState

MOST = 6


def editable(user):
    """The pages of courses that somebody may edit, one of each course: the Thai one if there is one."""
    pages = PagePermissionPolicy(CoursePage).instances_user_has_permission_for(user, "change")
    thai = CoursePage.objects.filter(
        translation_key=OuterRef("translation_key"), locale__language_code="th"
    )
    return pages.exclude(~Exists(thai.filter(pk=OuterRef("pk"))), Exists(thai)).select_related(
        "locale"
    )


def with_states(pages) -> list[dict]:
    """[{course, state}]; the state is None for what was never offered."""
    pages = list(pages)
    states = {
        state.course: state
        for state in CourseState.objects.filter(
            course__in=[page.translation_key for page in pages]
        ).select_related("current")
    }
    return [{"course": page, "state": states.get(page.translation_key)} for page in pages]


class MyCourses(Component):
    name = "my_courses"
    template_name = "authoring/dashboard/mine.html"
    order = 40

    def get_context_data(self, parent_context):
        pages = editable(parent_context["request"].user)
        latest = pages.order_by(F("latest_revision_created_at").desc(nulls_last=True), "pk")
        return {"rows": with_states(latest[:MOST])}
