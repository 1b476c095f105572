"""Who may see what of other people's learning."""

from collections.abc import Callable
from uuid import UUID

from .models import CourseRun

INSTRUCTORS = "Instructors"
COURSE_MANAGERS = "Course managers"
CENTRAL_ADMINISTRATORS = "Central administrators"
ROLES = (INSTRUCTORS, COURSE_MANAGERS, CENTRAL_ADMINISTRATORS)
SEE_EVERYTHING = frozenset((COURSE_MANAGERS, CENTRAL_ADMINISTRATORS))


def group_names(user) -> frozenset[str]:
    """The roles a person holds as groups, read once per request (the user object lives that long;
    at sign-in's backend they come with the person)."""
    if not hasattr(user, "_group_names"):
        user._group_names = frozenset(
            user.groups.filter(name__in=ROLES).values_list("name", flat=True)
        )
    return user._group_names


def _no_agencies(user) -> frozenset[UUID]:
    return frozenset()


_agencies_of: Callable = _no_agencies


def register_agencies(function: Callable) -> None:
    """`lms.people` stands above this app and says to which agencies somebody belongs."""
    global _agencies_of
    _agencies_of = function


def agencies_of(user) -> frozenset[UUID]:
    """The keys of the agencies that somebody belongs to, with all agencies above those."""
    return _agencies_of(user) if user.is_authenticated else frozenset()


def manages_all(user) -> bool:
    """May run every course and see everybody's learning: course managers and the centre."""
    return user.is_authenticated and (
        user.is_superuser or not group_names(user).isdisjoint(SEE_EVERYTHING)
    )


def is_central(user) -> bool:
    """May look after people, agencies and roles of the whole site."""
    return user.is_authenticated and (
        user.is_superuser or CENTRAL_ADMINISTRATORS in group_names(user)
    )


def runs_for(user):
    """The runs whose people somebody may see; None for people who teach nothing."""
    if manages_all(user):
        return CourseRun.objects.all()
    if INSTRUCTORS in group_names(user):
        return CourseRun.objects.filter(instructors=user)
    return None


def may_see_run(user, run: CourseRun) -> bool:
    runs = runs_for(user)
    return runs is not None and runs.filter(pk=run.pk).exists()
