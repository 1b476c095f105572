"""What went off offer while people are learning in it, on the first page of the authoring site."""

from django.db.models import Count, Exists, OuterRef
from wagtail.admin.ui.components import Component

from courses.catalogue.models import CoursePage
from courses.enrolment.models import Enrolment
from courses.releases.models import CourseState

MOST = 10


def closed_courses(user) -> list[dict]:
    """The withdrawn courses that somebody may edit and people are learning in: {page, state, people}."""
    learning = Enrolment.objects.filter(state=Enrolment.State.ACTIVE)
    states = CourseState.objects.filter(
        Exists(learning.filter(run__course=OuterRef("course"))),
        current__isnull=True,
        served__isnull=False,
    ).order_by("-settled_at")[:MOST]
    keys = [state.course for state in states]
    people = dict(
        learning.filter(run__course__in=keys)
        .values_list("run__course")
        .annotate(n=Count("pk"))
        .order_by()
    )
    pages: dict = {}
    query = CoursePage.objects.filter(translation_key__in=keys).select_related("locale")
    for page in query.order_by("-locale__language_code"):
        pages.setdefault(page.translation_key, page)
    return [
        {"page": pages[state.course], "people": people[state.course]}
        for state in states
        if state.course in pages and pages[state.course].permissions_for_user(user).can_edit()
    ]


class ClosedCourses(Component):
    name = "closed_courses"
    template_name = "authoring/dashboard/closed.html"
    order = 50

    def get_context_data(self, parent_context):
        return {"rows": closed_courses(parent_context["request"].user)}
