"""A course on offer with a learner in it, an administrator in the authoring site, and the clock."""

from dataclasses import dataclass

from django.test import Client
from wagtail.users.models import UserProfile

from courses.catalogue.models import CoursePage
from courses.releases.models import CourseRelease, CourseState
from tests.factories.courses import child, enrolled, make_course, state_of
from tests.factories.people import UserFactory


@dataclass
class Site:
    """`course` has the lesson `l1` (25 minutes) and the role-play `a1` (20): 44.4 % doing."""

    course: CoursePage
    admin: Client
    user: object
    release: CourseRelease

    @property
    def lesson(self):
        return child(self.course, "l1")

    @property
    def activity(self):
        return child(self.course, "a1")

    @property
    def state(self) -> CourseState:
        return state_of(self.course)

    def draft(self, page, **changes):
        """A newer revision of a page, not published."""
        for name, value in changes.items():
            setattr(page, name, value)
        return page.save_revision(user=self.user)


def build() -> Site:
    course = make_course("course", lectures=[25], actives=["role_play_solo"])
    user = UserFactory(is_superuser=True, preferred_language="en")
    UserProfile.objects.create(user=user, preferred_language="en")
    admin = Client()
    admin.force_login(user)
    enrolled(UserFactory(), course)
    return Site(course=course, admin=admin, user=user, release=state_of(course).current)
