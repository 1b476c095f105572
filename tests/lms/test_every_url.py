"""Every address of the site, by every role and verb: no error, and nobody where they should not be.

A route that is not listed here fails, so that a new one is thought about; so does an operation of the
API that is not listed.
"""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from activities.core.models import Notification
from courses.certificates.badges import keys
from courses.certificates.issue import issue
from courses.certificates.transcript import printed
from courses.enrolment.enrol import enrol
from courses.enrolment.models import Enrolment, EnrolmentImport
from courses.grades.models import Recalculation
from courses.teaching.models import Announcement, Meeting
from lms.api import api
from lms.people.models import PersonalExport
from lms.people.roles import CENTRAL_ADMINISTRATOR, COURSE_MANAGER, INSTRUCTOR
from tests.factories.people import (
    AgencyFactory,
    MembershipFactory,
    UserFactory,
    administrator_of,
)
from tests.factories.site import SLUG, demo_course, the_run

# The learner is of the agency; the other agency is a sibling of it.
ROLES = [
    "visitor",
    "stranger",
    "learner",
    "instructor",
    "other_instructor",
    "agency",
    "other_agency",
    "manager",
    "central",
    "admin",
]
FINE, LOGIN, NO, GONE, METHOD = {200, 302}, {302}, {403}, {404}, {405}
SIGNED_IN = dict.fromkeys(ROLES, FINE) | {"visitor": LOGIN}
PUBLIC = dict.fromkeys(ROLES, FINE)
EVERYTHING = ("manager", "central", "admin")
LEARNING = dict.fromkeys(ROLES, NO) | {"visitor": LOGIN, "learner": FINE}
NOBODY = dict.fromkeys(ROLES, GONE) | {"visitor": LOGIN}
OWN = NOBODY | {"learner": FINE}
RUN = NOBODY | dict.fromkeys(("instructor", *EVERYTHING), FINE)
AGENCY = NOBODY | dict.fromkeys(("agency", "other_agency"), FINE)
AUTHORS = RUN | {"other_instructor": FINE}
POSTED = dict.fromkeys(ROLES, METHOD)
POSTED_SIGNED_IN = POSTED | {"visitor": LOGIN}


@pytest.fixture
def place(db):
    """The course, a run with its people, and a certificate that the learner holds."""
    state = demo_course()
    ministry = AgencyFactory()
    agency, other = AgencyFactory(below=ministry), AgencyFactory(below=ministry)
    people = {
        name: UserFactory(is_superuser=name == "admin")
        for name in ROLES[1:]
        if not name.endswith("agency")
    }
    people |= {"agency": administrator_of(agency), "other_agency": administrator_of(other)}
    MembershipFactory(agency=agency, user=people["learner"])
    for name in ("instructor", "other_instructor"):
        people[name].groups.add(Group.objects.get(name=INSTRUCTOR))
    people["manager"].groups.add(Group.objects.get(name=COURSE_MANAGER))
    people["central"].groups.add(Group.objects.get(name=CENTRAL_ADMINISTRATOR))
    run = the_run()
    run.instructors.add(people["instructor"])
    enrolment = enrol(people["learner"], state.course)
    Enrolment.objects.filter(pk=enrolment.pk).update(
        state=Enrolment.State.COMPLETED, completed_at=timezone.now()
    )
    certificate = issue(Enrolment.objects.select_related("run", "user").get(pk=enrolment.pk))
    notice = Notification.objects.get(user=people["learner"], kind="certificate").pk
    items = {item["slug"]: item["key"] for item in state.current.outline["items"]}
    copy = PersonalExport.objects.create(
        user=people["learner"],
        state=PersonalExport.State.READY,
        content=b"PK",
        expires_at=timezone.now() + timedelta(days=1),
    )
    return {
        "people": people,
        "run": run,
        "code": certificate.code,
        "keys": items,
        "notice": notice,
        "copy": copy.pk,
        "learner": people["learner"].pk,
        "enrolment": enrolment.pk,
        "course": state.course,
        "release": certificate.release_id,
        "transcript": printed(people["learner"]).code,
        "kid": keys.current().pk,
        "job": Recalculation.objects.create(run=run).pk,
        "meeting": Meeting.objects.create(
            run=run,
            title="x",
            starts_at=timezone.now(),
            ends_at=timezone.now() + timedelta(hours=1),
        ).pk,
        "announcement": Announcement.objects.create(run=run, title="x", body="x").pk,
        "batch": EnrolmentImport.objects.create(
            run=run, user=people["instructor"], name="x.csv", content=b""
        ).pk,
    }


def expectations(place) -> dict[str, tuple[list, dict]]:
    """{route: (arguments, {role: statuses})}."""
    run, code = place["run"].pk, place["code"]
    run_key, course = place["run"].key, place["run"].course
    desk, plain = place["keys"]["a-w1"], place["keys"]["a-l1"]
    pdf = OWN | dict.fromkeys(EVERYTHING, FINE)
    teaching = SIGNED_IN | dict.fromkeys(("stranger", "learner", "agency", "other_agency"), NO)
    return {
        "healthz": ([], PUBLIC),
        "preferences": ([], POSTED),
        "profile": ([], SIGNED_IN),
        "notice_preferences": ([], SIGNED_IN),
        "notices": ([], SIGNED_IN),
        "notices_read": ([], POSTED_SIGNED_IN),
        "notice": ([place["notice"]], OWN),
        "own_data": ([], SIGNED_IN),
        "own_copy": ([place["copy"]], OWN),
        "account_erase": ([], SIGNED_IN),
        "sign_out_everywhere": ([], POSTED_SIGNED_IN),
        "agency_people": ([], AGENCY),
        "agency_csv": ([], AGENCY),
        "agency_xlsx": ([], AGENCY),
        "agency_report": ([], AGENCY),
        "agency_report_csv": ([], AGENCY),
        "agency_report_xlsx": ([], AGENCY),
        "agency_person": ([place["learner"]], NOBODY | {"agency": FINE}),
        "words": (["0"], PUBLIC),
        "dashboard": ([], SIGNED_IN),
        "help": ([], PUBLIC),
        "help_article": (["privacy"], PUBLIC),
        "calendar": ([], SIGNED_IN),
        "calendar_feed": (["not-an-address"], dict.fromkeys(ROLES, GONE)),
        "announcement_away": ([1], POSTED_SIGNED_IN),
        "survey": (
            [place["enrolment"]],
            dict.fromkeys(ROLES, GONE) | {"visitor": LOGIN, "learner": FINE},
        ),
        "lesson_feedback": ([SLUG, "a-l1"], LEARNING),
        "run_survey": ([run], RUN),
        "run_survey_csv": ([run], RUN),
        "run_survey_xlsx": ([run], RUN),
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
        "teach_needs": ([], teaching),
        "teach_messages": ([run], RUN),
        "teach_people": ([run], RUN),
        "teach_people_csv": ([run], RUN),
        "teach_people_xlsx": ([run], RUN),
        "teach_write": ([run], RUN),
        "teach_conversation": ([run, place["enrolment"]], RUN),
        "teach_announcements": ([run], RUN),
        "teach_announcement": ([run, place["announcement"]], RUN),
        "my_messages": ([], SIGNED_IN),
        "my_conversation": ([run], OWN),
        "teach_run": ([run], RUN),
        "teach_matrix": ([run], RUN),
        "teach_matrix_cell": ([run, place["enrolment"], 1], RUN),
        "teach_matrix_csv": ([run], RUN),
        "teach_matrix_xlsx": ([run], RUN),
        "teach_meetings": ([run], RUN),
        "teach_meeting": ([run, place["meeting"]], RUN),
        "teach_roll": ([run, place["meeting"]], RUN),
        "teach_attendance_csv": ([run], RUN),
        "teach_attendance_xlsx": ([run], RUN),
        "teach_see_first": ([run], RUN),
        "teach_see": ([run, desk], RUN),
        "teach_see_step": ([run, desk, "work"], RUN),
        "teach_see_as_first": ([run, place["enrolment"]], RUN),
        "teach_see_as": ([run, place["enrolment"], desk], RUN),
        "teach_see_as_step": ([run, place["enrolment"], desk, "work"], RUN),
        "my_meetings": ([SLUG], OWN),
        "teach_csv": ([run], RUN),
        "teach_dates": ([run], RUN),
        "teach_person": ([run, place["enrolment"]], RUN),
        "teach_item": ([run, desk], RUN),
        "teach_item_step": ([run, desk, "attention"], RUN),
        "teach_item_events": (
            [run, desk],
            {role: {204} if found == FINE else found for role, found in RUN.items()}
            | {"visitor": NO},
        ),
        "my_grades": ([SLUG], dict.fromkeys(ROLES, GONE) | {"visitor": LOGIN, "learner": FINE}),
        "teach_grades": ([run], RUN),
        "teach_grades_csv": ([run], RUN),
        "teach_grades_xlsx": ([run], RUN),
        "teach_grade_rules": ([run], RUN),
        "teach_grade": ([run, place["enrolment"]], RUN),
        "teach_recalculate": ([run], POSTED_SIGNED_IN),
        "teach_recalculation": ([run, place["job"]], RUN),
        "course_grade_rules": ([place["course"]], AUTHORS),
        "teach_certificates": ([], teaching),
        "certificate_reissue": ([code], POSTED_SIGNED_IN),
        "transcript": ([], SIGNED_IN),
        "transcript_csv": ([], SIGNED_IN),
        "transcript_print": ([], POSTED_SIGNED_IN),
        "teach_transcript": (
            [place["people"]["learner"].pk],
            RUN | {"learner": FINE, "agency": FINE},
        ),
        "teach_transcript_csv": (
            [place["people"]["learner"].pk],
            RUN | {"learner": FINE, "agency": FINE},
        ),
        "transcript_verify": ([place["transcript"]], PUBLIC),
        "transcript_pdf": ([place["transcript"]], pdf),
        "jwks": ([], PUBLIC),
        "badge_issuer": ([], PUBLIC),
        "badge_key": ([place["kid"]], PUBLIC),
        "badge_achievement": ([place["release"]], PUBLIC),
        "badge_credential": ([code], PUBLIC),
        "badge_status": ([0], PUBLIC),
        "run_join": ([SLUG, run_key], SIGNED_IN),
        "teach_courses": ([], teaching),
        # The instructors of the demo may edit its pages, so they may hold runs of it.
        "teach_course_runs": ([course], RUN | {"other_instructor": FINE}),
        "teach_run_new": ([course], RUN | {"other_instructor": FINE}),
        "teach_run_edit": ([run], RUN),
        "teach_run_copy": ([run], RUN),
        "teach_run_open": ([run], POSTED_SIGNED_IN),
        "teach_groups": ([run], RUN),
        "teach_enrol": ([run], RUN),
        "teach_place": ([run, place["enrolment"]], RUN),
        "teach_import": ([run], RUN),
        "teach_import_template": ([run], RUN),
        "teach_import_batch": ([run, place["batch"]], RUN),
        "certificate_lookup": ([], PUBLIC),
        "certificate_verify": ([code], PUBLIC),
        "certificate_revoke": ([code], POSTED_SIGNED_IN),
        "certificate_pdf": ([code], pdf),
    }


OURS = ("activities.", "courses.", "lms.", "search.")


def routes_below(entries) -> set[str]:
    names = set()
    for entry in entries:
        if isinstance(entry, URLPattern):
            names.add(entry.name)
        elif hasattr(entry.pattern, "prefix_default_language") or getattr(
            entry.urlconf_module, "__name__", ""
        ).startswith(OURS):
            names |= routes_below(entry.url_patterns)
    return names - {None}


def own_routes() -> set[str]:
    """The names of the site's own routes: Wagtail's and allauth's bring their own tests."""
    return routes_below(get_resolver().url_patterns)


def test_every_route_is_listed(place):
    assert own_routes() == set(expectations(place))


def as_role(client, place, role) -> None:
    client.logout()
    if role != "visitor":
        client.force_login(place["people"][role])


# One test for all roles: making the place costs more than all requests.
def test_every_route_answers_each_role_as_it_should(place, client):
    wrong = []
    for role in ROLES:
        as_role(client, place, role)
        for name, (arguments, expected) in expectations(place).items():
            status = client.get(reverse(name, args=arguments)).status_code
            if status not in expected[role]:
                wrong.append((role, name, status, sorted(expected[role])))
    assert wrong == []


def leaves_out(response) -> bool:
    """Whether a request was turned away: an error, or the way to signing in."""
    if response.status_code == 302:
        return "/account/login/" in response["Location"]
    return 400 <= response.status_code < 500


def test_whoever_may_not_read_may_not_write_either(place, client):
    """An empty form to every address: never an error of ours, never let in by another verb."""
    wrong = []
    for role in ROLES:
        as_role(client, place, role)
        cookies = dict(client.cookies)
        verbs = ["post", "put", "patch", "delete"] if role in ("visitor", "learner") else ["post"]
        for name, (arguments, expected) in expectations(place).items():
            shut = not {200, 405} & expected[role]
            for verb in verbs:
                with transaction.atomic():  # what it does is undone: the next finds the same place
                    response = getattr(client, verb)(reverse(name, args=arguments))
                    transaction.set_rollback(True)
                client.cookies.clear()
                client.cookies.update(cookies)
                if response.status_code >= 500 or (shut and not leaves_out(response)):
                    wrong.append((role, name, verb, response.status_code))
    assert wrong == []


# {(verb, path): {role: statuses}}
OPERATIONS = {("get", "/api/v1/search"): PUBLIC}


def test_every_operation_of_the_api_is_listed():
    paths = api.get_openapi_schema()["paths"]
    assert {(verb, path) for path, verbs in paths.items() for verb in verbs} == set(OPERATIONS)


def test_every_operation_of_the_api_answers_each_role(db, client):
    for role in ROLES:
        client.logout()
        if role != "visitor":
            client.force_login(UserFactory(is_superuser=role == "admin"))
        for (verb, path), expected in OPERATIONS.items():
            assert getattr(client, verb)(path).status_code in expected[role]
            for other in {"get", "post", "put", "patch", "delete"} - {verb}:
                if (other, path) not in OPERATIONS:
                    assert getattr(client, other)(path).status_code == 405
