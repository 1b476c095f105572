"""Who may do what, asked of the very functions that the pages ask: a matrix of roles and verbs.

A small place is made in a transaction that is undone, every rule is asked for every role, and the
answers are written down. docs/permissions.md is this, and a test compares the two.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

from django.contrib.auth.models import AnonymousUser, Group
from django.db import transaction
from django.utils import timezone, translation
from wagtail.models import Page

from courses.certificates.models import Certificate
from courses.certificates.views import may_download, may_revoke
from courses.enrolment import rules
from courses.enrolment.models import CourseRun, Enrolment
from courses.releases.models import CourseRelease

from . import roles, scope
from .agency_forms import may_edit_person
from .models import Agency, Membership, User

# Role: how it is called. The person is a learner in the run, and a member of the agency.
ROLES = {
    "visitor": "Nobody signed in",
    "person": "The person",
    "learner": "Another learner of the run",
    "instructor": "Instructor of the run",
    "other_instructor": "Instructor of another run",
    "agency": "Administrator of the agency",
    "above": "Administrator of the agency above",
    "sibling": "Administrator of another agency",
    "manager": "Course manager",
    "central": "Central administrator",
    "root": "Superuser",
}


@dataclass(frozen=True)
class Rule:
    """One row: may `actor` do `verb` with `thing`? `ask(actor, place)` asks what the pages ask."""

    thing: str
    verb: str
    ask: Callable


def sees(actor, place) -> bool:
    return User.objects.for_actor(actor).filter(pk=place.person.pk).exists()


def admin_permission(codename: str) -> Callable:
    return lambda actor, place: actor.has_perm(codename)


def page_permission(name: str) -> Callable:
    def ask(actor, place) -> bool:
        if not actor.is_authenticated or not actor.has_perm("wagtailadmin.access_admin"):
            return False
        return getattr(place.page.permissions_for_user(actor), name)()

    return ask


def same(actor, place) -> bool:
    return actor.pk == place.person.pk


def agency_sees(actor, place) -> bool:
    return scope.administered_agencies(actor).filter(pk=place.agency.pk).exists()


def agency_sees_person(actor, place) -> bool:
    return agency_sees(actor, place) and sees(actor, place)


RULES = [
    Rule("A person", "be listed and opened", sees),
    Rule("A person", "change the account", lambda a, p: may_edit_person(a, p.person)),
    Rule("A person", "erase the account", lambda a, p: same(a, p) or may_edit_person(a, p.person)),
    Rule("A person", "have a copy of all data", same),
    Rule("A superuser", "change the account", lambda a, p: may_edit_person(a, p.root)),
    Rule("An agency", "list its people, their courses and certificates", agency_sees),
    Rule("An agency", "open one person's courses and certificates", agency_sees_person),
    Rule("An agency", "take the list away (CSV, Excel)", agency_sees),
    Rule("An agency", "read the report: courses, grades, minutes, certificates", agency_sees),
    Rule("An agency", "add", admin_permission("people.add_agency")),
    Rule("An agency", "change or move", admin_permission("people.change_agency")),
    Rule("A membership", "add", admin_permission("people.add_membership")),
    Rule("A membership", "change or end", admin_permission("people.change_membership")),
    Rule("A run", "see participants, progress and work", lambda a, p: rules.may_see_run(a, p.run)),
    Rule(
        "A run",
        "open one participant",
        lambda a, p: rules.may_see_run(a, p.run) and sees(a, p),
    ),
    Rule("A run", "grade, extend, excuse", lambda a, p: rules.may_see_run(a, p.run)),
    Rule("A certificate", "check by its number", lambda a, p: True),
    Rule("A certificate", "download", lambda a, p: may_download(a, p.certificate)),
    Rule("A certificate", "revoke", lambda a, p: may_revoke(a, p.certificate)),
    Rule("The site", "enter the authoring site", admin_permission("wagtailadmin.access_admin")),
    Rule("A course page", "edit", page_permission("can_edit")),
    Rule("A course page", "publish", page_permission("can_publish")),
    Rule("The framework", "change", admin_permission("catalogue.change_skill")),
    Rule("Roles", "give", lambda a, p: rules.is_central(a)),
]


def make_place() -> SimpleNamespace:
    """A run, a course's page, two agencies below a third, a certificate, and somebody in every role."""

    def person(name: str, **fields) -> User:
        return User.objects.create(email=f"{name}-{uuid.uuid4().hex}@matrix.invalid", **fields)

    def group(name: str, *people) -> None:
        found, _created = Group.objects.get_or_create(name=name)
        for one in people:
            found.user_set.add(one)

    actors = {"visitor": AnonymousUser()}
    actors |= {name: person(name) for name in ROLES if name not in ("visitor", "root")}
    actors["root"] = person("root", is_superuser=True)
    group(roles.INSTRUCTOR, actors["instructor"], actors["other_instructor"])
    group(roles.COURSE_MANAGER, actors["manager"])
    group(roles.CENTRAL_ADMINISTRATOR, actors["central"])

    agencies = {}
    for name, above in (("above", None), ("agency", "above"), ("sibling", "above")):
        agency = Agency(name_th=name, code=f"{name}-{uuid.uuid4().hex[:12]}")
        if above:
            agencies[above].refresh_from_db()
            agencies[above].add_child(instance=agency)
        else:
            Agency.add_root(instance=agency)
        agencies[name] = agency
        Membership.objects.create(
            user=actors[name], agency=agency, role=Membership.Role.ADMINISTRATOR
        )
    Membership.objects.create(user=actors["person"], agency=agencies["agency"])

    course = uuid.uuid4()
    run, other_run = (
        CourseRun.objects.create(course=course, pacing=CourseRun.Pacing.COHORT) for _n in range(2)
    )
    run.instructors.add(actors["instructor"])
    other_run.instructors.add(actors["other_instructor"])
    now = timezone.now()
    enrolment = Enrolment.objects.create(
        user=actors["person"], run=run, state="completed", percent=100, completed_at=now
    )
    Enrolment.objects.create(user=actors["learner"], run=run)
    release = CourseRelease.objects.create(
        course=course, number=1, lecture=6, active=4, neutral=0, outline={}, texts={}, digest="-"
    )
    certificate = Certificate.objects.create(
        enrolment=enrolment, release=release, holder="-", titles={}, segments=[], completed_at=now
    )
    return SimpleNamespace(
        actors=actors,
        person=actors["person"],
        root=actors["root"],
        agency=agencies["agency"],
        run=run,
        certificate=certificate,
        page=Page.get_first_root_node().get_children().first() or Page.get_first_root_node(),
    )


def matrix() -> list[tuple[Rule, dict[str, bool]]]:
    """Every rule with its answer for every role. Leaves nothing behind."""
    from wagtail.models import Collection

    with transaction.atomic():
        roles.create_roles(Page.get_first_root_node(), Collection.get_first_root_node())
        place = make_place()
        answers = [
            (rule, {name: bool(rule.ask(actor, place)) for name, actor in place.actors.items()})
            for rule in RULES
        ]
        transaction.set_rollback(True)
    return answers


def document() -> str:
    """docs/permissions.md."""
    with translation.override("en"):
        rows = matrix()
    lines = [
        "# Who may do what",
        "",
        "Made by `python manage.py permission_matrix --write` from the functions that the pages themselves ask; a test",
        "compares this file with them. The person is a learner of the run and a member of the agency; whoever administers",
        "another agency or teaches another run is a column of its own. Every address of the site is tried by every role in",
        "`tests/lms/test_every_url.py`.",
        "",
        "An agency's administrator sees courses, progress and certificates, never what people wrote.",
        "",
        "| | | " + " | ".join(ROLES.values()) + " |",
        "|---|---|" + ":-:|" * len(ROLES),
    ]
    before = ""
    for rule, answers in rows:
        thing = rule.thing if rule.thing != before else ""
        before = rule.thing
        cells = " | ".join("yes" if answers[name] else "–" for name in ROLES)
        lines.append(f"| {thing} | {rule.verb} | {cells} |")
    return "\n".join(lines) + "\n"
