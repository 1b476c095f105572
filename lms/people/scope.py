"""Whom somebody may know about: the one place that decides it, for lists, pages and exports alike.

- a central administrator and a course manager: everybody;
- an agency administrator: the people of the own agency and of what is under it, never a sibling's;
- an instructor: the people of the own runs;
- everybody: themselves.
"""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from courses.enrolment import rules
from courses.enrolment.models import Enrolment

from .models import Agency, Membership, User


def visible_to(actor, people=None):
    """The people (of `people`, or all) whom `actor` may know about."""
    people = User.objects.all() if people is None else people
    if not actor.is_authenticated or not actor.is_active:
        return people.none()
    if rules.manages_all(actor):
        return people
    seen = Q(pk=actor.pk)
    if rules.INSTRUCTORS in rules.group_names(actor):
        taught = Enrolment.objects.filter(user=OuterRef("pk"), run__instructors=actor)
        seen |= Q(Exists(taught))
    paths = administered_paths(actor)
    if paths:
        seen |= Q(Exists(members_below(paths).filter(user=OuterRef("pk"))))
    return people.filter(seen)


def administered_paths(actor) -> tuple[str, ...]:
    """Where in the tree the agencies stand that somebody administers; read once per request."""
    if not actor.is_authenticated or not administers(actor):
        return ()
    if not hasattr(actor, "_administered_paths"):
        actor._administered_paths = tuple(
            Membership.objects.current()
            .filter(user=actor, role=Membership.Role.ADMINISTRATOR)
            .order_by("agency__path")
            .values_list("agency__path", flat=True)
        )
    return actor._administered_paths


def administers(actor) -> bool:
    """Whether somebody is an agency's administrator. With the person at sign-in's backend."""
    if not actor.is_authenticated:
        return False
    if not hasattr(actor, "_administers"):
        actor._administers = (
            Membership.objects.current()
            .filter(user=actor, role=Membership.Role.ADMINISTRATOR)
            .exists()
        )
    return actor._administers


def administered_agencies(actor):
    """The agencies whose people somebody looks after, in the order of the tree."""
    return Agency.objects.filter(is_active=True).below(administered_paths(actor))


def members_below(paths):
    """Memberships that hold today in these agencies and in what is under them."""
    inside = Q()
    for path in paths:
        inside |= Q(agency__path__startswith=path)
    return Membership.objects.current().filter(inside) if paths else Membership.objects.none()


def agency_keys(user) -> frozenset[UUID]:
    """The keys of the agencies that somebody belongs to, with all agencies above those."""
    if not hasattr(user, "_agency_keys"):
        steps = Agency.steplen
        paths = Membership.objects.current().filter(user=user)
        above = {
            path[:end]
            for path in paths.values_list("agency__path", flat=True)
            for end in range(steps, len(path) + 1, steps)
        }
        user._agency_keys = (
            frozenset(Agency.objects.filter(path__in=above).values_list("key", flat=True))
            if above
            else frozenset()
        )
    return user._agency_keys


def agency_choices(user) -> list[tuple[UUID, str]]:
    """The agencies for whose people somebody may hold runs, as (key, name), in the order of the tree:
    every agency for who runs every course, else the own ones and those above."""
    agencies = Agency.objects.filter(is_active=True).order_by("path")
    if not rules.manages_all(user):
        agencies = agencies.filter(key__in=agency_keys(user))
    return [(agency.key, str(agency)) for agency in agencies]


def agencies_among(people) -> list[tuple[UUID, str]]:
    """The agencies that these people (a queryset) belong to today, as (key, name), in the order of
    the tree: what a list of theirs can be filtered by."""
    theirs = Membership.objects.current().filter(user__in=people).values("agency")
    return [
        (agency.key, str(agency))
        for agency in Agency.objects.filter(pk__in=theirs).order_by("path")
    ]


def people_of_agency(key: UUID):
    """Those who belong today to an agency or to one below it; nobody for a key of none."""
    path = Agency.objects.filter(key=key).values_list("path", flat=True).first()
    members = members_below([path]) if path else Membership.objects.none()
    return User.objects.filter(pk__in=members.values("user"))


def agency_names(user) -> list[str]:
    """The names of the agencies that somebody belongs to today, in both languages."""
    if user.pk is None:
        return []
    rows = Membership.objects.current().filter(user=user).select_related("agency")
    return [name for row in rows for name in (row.agency.name_th, row.agency.name_en) if name]
