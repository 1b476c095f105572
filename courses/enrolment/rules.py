"""Who may see what of other people's learning."""

from collections.abc import Callable
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, Value

from .models import CourseRun, Enrolment

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


def is_own_run(user):
    """For a query of runs: whether `user` may open one, to be annotated as `own`."""
    mine = runs_for(user)
    own = Value(False) if mine is None else Exists(mine.filter(pk=OuterRef("pk")))
    return ExpressionWrapper(own, output_field=BooleanField())


def may_see_run(user, run: CourseRun) -> bool:
    runs = runs_for(user)
    return runs is not None and runs.filter(pk=run.pk).exists()


def may_join_agency(user, run: CourseRun) -> bool:
    """Whether a run is for everybody, or for an agency of this person."""
    return run.agency is None or run.agency in agencies_of(user)


def runs_shown_to(user):
    """The condition for runs that somebody may see and join."""
    if manages_all(user):
        return Q()
    keys = agencies_of(user)
    return Q(agency__isnull=True) | Q(agency__in=keys) if keys else Q(agency__isnull=True)


def _no_agency_names(user) -> list[tuple[UUID, str]]:
    return []


_agency_choices: Callable = _no_agency_names


def register_agency_choices(function: Callable) -> None:
    """`lms.people` says for which agencies somebody may hold runs: [(key, name)]."""
    global _agency_choices
    _agency_choices = function


def agency_choices(user) -> list[tuple[UUID, str]]:
    return _agency_choices(user)


def _no_agencies_among(people) -> list[tuple[UUID, str]]:
    return []


def _nobody_below(key: UUID):
    return get_user_model().objects.none()


_agencies_among: Callable = _no_agencies_among
_people_of_agency: Callable = _nobody_below


def register_agency_filter(among: Callable, people: Callable) -> None:
    """`lms.people` says to which agencies some people belong, [(key, name)], and who the people of
    an agency and of what is under it are."""
    global _agencies_among, _people_of_agency
    _agencies_among, _people_of_agency = among, people


def agencies_among(people) -> list[tuple[UUID, str]]:
    """The agencies that these people (a queryset) belong to. One query."""
    return _agencies_among(people)


def people_of_agency(key: UUID):
    """The people of an agency and of what is under it today, for use with `user__in`."""
    return _people_of_agency(key)


def may_make_runs(user, course: UUID) -> bool:
    """Course managers, and instructors who teach the course or may edit it."""
    if manages_all(user):
        return True
    if not user.is_authenticated or INSTRUCTORS not in group_names(user):
        return False
    if CourseRun.objects.filter(course=course, instructors=user).exists():
        return True
    from courses.releases.cut import source_page

    page = source_page(course)
    return page is not None and page.permissions_for_user(user).can_edit()


def courses_to_edit(user):
    """The keys of the courses whose page an instructor may edit, for use with `course__in`: those
    of `may_make_runs`, before there is a run."""
    from wagtail.permission_policies.pages import PagePermissionPolicy

    from courses.catalogue.models import CoursePage

    pages = PagePermissionPolicy(CoursePage).instances_user_has_permission_for(user, "change")
    return pages.order_by().values("translation_key")


def _people_of_own_runs(user):
    people = get_user_model().objects.filter(is_active=True)
    if manages_all(user):
        return people
    return people.filter(pk__in=Enrolment.objects.filter(run__instructors=user).values("user"))


_people_for: Callable = _people_of_own_runs


def register_people(function: Callable) -> None:
    """`lms.people` says which people somebody may look up (its `for_actor`)."""
    global _people_for
    _people_for = function


def people_for(user):
    """The people whom somebody who teaches may find by a part of their name."""
    return _people_for(user)


def seen_in(run: CourseRun, user) -> Q:
    """The condition for the enrolments of a run whose people somebody may know about (`people_for`).

    Who teaches a run knows everybody in it. The database finds that out once and then looks no
    further; otherwise it would have to look at each person.
    """
    if manages_all(user):
        return Q()
    known = Q(user__in=people_for(user))
    if INSTRUCTORS not in group_names(user):
        return known
    teaches = CourseRun.instructors.through.objects.filter(courserun=run.pk, user=user.pk)
    return Q(Exists(teaches)) | known
