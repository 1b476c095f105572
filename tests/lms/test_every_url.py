"""Every address of the site, by every role: no error, and nobody where they should not be.

A route that is not listed here fails, so that a new one is thought about.
"""

import pytest
from django.contrib.auth.models import Group
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from activities.core.models import Notification
from courses.certificates.issue import issue
from courses.enrolment.enrol import enrol
from courses.enrolment.models import Enrolment
from lms.people.roles import COURSE_MANAGER, INSTRUCTOR
from tests.factories.people import UserFactory
from tests.factories.site import SLUG, demo_course, the_run

ROLES = ["visitor", "stranger", "learner", "instructor", "other_instructor", "manager", "admin"]
FINE, LOGIN, NO, GONE, METHOD = {200, 302}, {302}, {403}, {404}, {405}
SIGNED_IN = dict.fromkeys(ROLES, FINE) | {"visitor": LOGIN}
PUBLIC = dict.fromkeys(ROLES, FINE)
LEARNING = {
    "visitor": LOGIN,
    "stranger": NO,
    "learner": FINE,
    "instructor": NO,
    "other_instructor": NO,
    "manager": NO,
    "admin": NO,
}
RUN = {
    "visitor": LOGIN,
    "stranger": GONE,
    "learner": GONE,
    "instructor": FINE,
    "other_instructor": GONE,
    "manager": FINE,
    "admin": FINE,
}
POSTED = dict.fromkeys(ROLES, METHOD)
POSTED_SIGNED_IN = POSTED | {"visitor": LOGIN}


@pytest.fixture
def place(db):
    """The course, a run with its people, and a certificate that the learner holds."""
    state = demo_course()
    people = {name: UserFactory(is_superuser=name == "admin") for name in ROLES[1:]}
    for name in ("instructor", "other_instructor"):
        people[name].groups.add(Group.objects.get(name=INSTRUCTOR))
    people["manager"].groups.add(Group.objects.get(name=COURSE_MANAGER))
    run = the_run()
    run.instructors.add(people["instructor"])
    enrolment = enrol(people["learner"], state.course)
    Enrolment.objects.filter(pk=enrolment.pk).update(
        state=Enrolment.State.COMPLETED, completed_at=timezone.now()
    )
    certificate = issue(Enrolment.objects.select_related("run", "user").get(pk=enrolment.pk))
    notice = Notification.objects.get(user=people["learner"], kind="certificate").pk
    keys = {item["slug"]: item["key"] for item in state.current.outline["items"]}
    return {
        "people": people,
        "run": run,
        "code": certificate.code,
        "keys": keys,
        "notice": notice,
        "enrolment": enrolment.pk,
    }


def expectations(place) -> dict[str, tuple[list, dict]]:
    """{route: (arguments, {role: statuses})}."""
    run, code = place["run"].pk, place["code"]
    desk, plain = place["keys"]["a-w1"], place["keys"]["a-l1"]
    pdf = SIGNED_IN | dict.fromkeys(("stranger", "instructor", "other_instructor"), GONE)
    teaching = SIGNED_IN | {"stranger": NO, "learner": NO}
    return {
        "healthz": ([], PUBLIC),
        "preferences": ([], POSTED),
        "profile": ([], SIGNED_IN),
        "notice_preferences": ([], SIGNED_IN),
        "notices": ([], SIGNED_IN),
        "notices_read": ([], POSTED_SIGNED_IN),
        "notice": (
            [place["notice"]],
            dict.fromkeys(ROLES, GONE) | {"visitor": LOGIN, "learner": FINE},
        ),
        "dashboard": ([], SIGNED_IN),
        "catalogue": ([], PUBLIC),
        "search": ([], PUBLIC),
        "search_suggest": ([], PUBLIC),
        "search_forget": ([], POSTED_SIGNED_IN),
        "course": ([SLUG], PUBLIC),
        "enrol": ([SLUG], POSTED_SIGNED_IN),
        "leave": ([SLUG], POSTED_SIGNED_IN),
        "item_by_key": ([plain], PUBLIC),
        "course_resume": ([SLUG], LEARNING),
        "item": ([SLUG, "a-l1"], LEARNING),
        "item_step": ([SLUG, "a-w1", "no-such-step"], LEARNING | {"learner": GONE}),
        "item_draft": ([SLUG, "a-l1"], POSTED),
        "item_events": (
            [SLUG, "a-l1"],
            dict.fromkeys(ROLES, GONE) | {"visitor": NO, "learner": {204}},
        ),
        "item_ping": ([SLUG, "a-l1"], POSTED),
        "teach_runs": ([], teaching),
        "teach_run": ([run], RUN),
        "teach_matrix": ([run], RUN),
        "teach_csv": ([run], RUN),
        "teach_dates": ([run], RUN),
        "teach_person": ([run, place["enrolment"]], RUN),
        "teach_item": ([run, desk], RUN),
        "teach_item_step": ([run, desk, "attention"], RUN),
        "certificate_lookup": ([], PUBLIC),
        "certificate_verify": ([code], PUBLIC),
        "certificate_revoke": ([code], POSTED_SIGNED_IN),
        "certificate_pdf": ([code], pdf),
    }


def own_routes() -> set[str]:
    """The names of the site's own routes: Wagtail's and allauth's bring their own tests."""
    names = set()
    for entry in get_resolver().url_patterns:
        children = entry.url_patterns if isinstance(entry, URLResolver) else [entry]
        if isinstance(entry, URLResolver) and not hasattr(entry.pattern, "prefix_default_language"):
            continue
        for child in children:
            if isinstance(child, URLResolver) and of_courses(child):
                names |= {pattern.name for pattern in child.url_patterns}
            elif isinstance(child, URLPattern) and child.name:
                names.add(child.name)
    return names


def of_courses(resolver: URLResolver) -> bool:
    """Whether these are the addresses of an app of ours."""
    return getattr(resolver.urlconf_module, "__name__", "").startswith("courses.")


def test_every_route_is_listed(place):
    assert own_routes() == set(expectations(place))


@pytest.mark.parametrize("role", ROLES)
def test_every_route_answers_each_role_as_it_should(place, role, client):
    if role != "visitor":
        client.force_login(place["people"][role])
    wrong = []
    for name, (arguments, expected) in expectations(place).items():
        status = client.get(reverse(name, args=arguments)).status_code
        if status not in expected[role]:
            wrong.append((name, status, sorted(expected[role])))
    assert wrong == []
