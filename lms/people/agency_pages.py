"""The pages of an agency's administrator: who of the own people takes which courses, how far they
are, what they completed. Never what they wrote: an employer sees that somebody learned, not how."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from courses.certificates.models import Certificate
from courses.enrolment.models import Enrolment
from courses.enrolment.sheets import as_csv, as_xlsx
from courses.releases.delivery import in_language
from courses.releases.models import CourseRelease, CourseState

from . import scope
from .agency_counts import people_below, tops
from .models import Agency, Membership, User

PER_PAGE = 25
CHUNK = 500


def own_agencies(request) -> list[Agency]:
    """The agencies that this person administers, with those below. 404 for everybody else: who is
    not an administrator learns of no such page."""
    agencies = list(scope.administered_agencies(request.user))
    if not agencies:
        raise Http404
    return agencies


def chosen(request, agencies: list[Agency]) -> Agency | None:
    """The agency to look at, out of the own ones; None is all. 404 for another's."""
    raw = request.GET.get("agency", "")
    if not raw:
        return None
    try:
        key = UUID(raw)
    except ValueError:
        raise Http404 from None
    for agency in agencies:
        if agency.key == key:
            return agency
    raise Http404


def people_in(actor, agencies: list[Agency], agency: Agency | None, q: str):
    """The people of these agencies (or of one and what is below it), by name."""
    roots = [agency] if agency else tops(agencies)
    return (
        named(people_below(actor, roots), q)
        .only("first_name", "last_name", "first_name_en", "last_name_en", "email")
        .order_by("first_name", "last_name", "pk")
    )


def named(people, q: str):
    """Those of them in whose name or address all of the words are."""
    for word in q.split()[:5]:
        people = people.filter(
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(first_name_en__icontains=word)
            | Q(last_name_en__icontains=word)
            | Q(email__icontains=word)
        )
    return people


def rows_of(people: list[User], paths) -> list[dict]:
    """What the list says about these people: three queries, however many they are."""
    places: dict[int, Membership] = {}
    mine = scope.members_below(paths).filter(user__in=people).select_related("agency")
    for row in mine.order_by("-agency__path"):
        places[row.user_id] = row  # the highest place of several
    taken = Enrolment.objects.filter(user__in=people).exclude(state=Enrolment.State.WITHDRAWN)
    counts = {
        row["user"]: row
        for row in taken.order_by()
        .values("user")
        .annotate(n=Count("pk"), done=Count("pk", filter=Q(completed_at__isnull=False)))
    }
    certificates = dict(
        Certificate.objects.filter(
            enrolment__user__in=people, revoked_at__isnull=True, superseded_at__isnull=True
        )
        .order_by()
        .values_list("enrolment__user")
        .annotate(n=Count("pk"))
    )
    found = []
    for person in people:
        place, counted = places.get(person.pk), counts.get(person.pk, {})
        found.append(
            {
                "pk": person.pk,
                "name": person.get_full_name() or person.email,
                "email": person.email,
                "agency": place.agency.name if place else "",
                "position": place.position if place else "",
                "courses": counted.get("n", 0),
                "completed": counted.get("done", 0),
                "certificates": certificates.get(person.pk, 0),
            }
        )
    return found


@never_cache
@login_required
@require_GET
def people(request):
    """Own people with their courses, completions and certificates."""
    agencies = own_agencies(request)
    agency, q = chosen(request, agencies), request.GET.get("q", "").strip()[:100]
    page_obj = Paginator(people_in(request.user, agencies, agency, q), PER_PAGE).get_page(
        request.GET.get("page")
    )
    paths = [a.path for a in ([agency] if agency else tops(agencies))]
    rows = rows_of(list(page_obj), paths)
    for row in rows:
        row["url"] = reverse("agency_person", args=[row["pk"]])
    query = request.GET.copy()
    query.pop("page", None)
    tail = f"?{query.urlencode()}" if query else ""
    top = min(a.depth for a in agencies)
    context = {
        "agencies": [
            {
                "key": str(a.key),
                "label": "— " * (a.depth - top) + a.name,
                "chosen": agency is not None and a.key == agency.key,
            }
            for a in agencies
        ],
        "heading": (agency or agencies[0]).name,
        "people": rows,
        "page_obj": page_obj,
        "q": q,
        "filtered": bool(q or agency),
        "csv_url": reverse("agency_csv") + tail,
        "xlsx_url": reverse("agency_xlsx") + tail,
    }
    return render(request, "agency/people.html", context)


def table(request) -> tuple[list, object]:
    """Header and rows of the list, for a file; read in portions."""
    agencies = own_agencies(request)
    agency, q = chosen(request, agencies), request.GET.get("q", "").strip()[:100]
    found = people_in(request.user, agencies, agency, q)
    paths = [a.path for a in ([agency] if agency else tops(agencies))]
    header = [
        _("Name"), _("E-mail"), _("Agency"), _("Position"),
        _("Courses"), _("Completed"), _("Certificates"),
    ]  # fmt: skip

    def rows():
        portion = []
        for person in found.iterator(chunk_size=CHUNK):
            portion.append(person)
            if len(portion) == CHUNK:
                yield from lines(portion)
                portion = []
        yield from lines(portion)

    def lines(portion):
        for row in rows_of(portion, paths):
            yield [
                row["name"], row["email"], row["agency"], row["position"],
                row["courses"], row["completed"], row["certificates"],
            ]  # fmt: skip

    return header, rows()


@never_cache
@login_required
@require_GET
def people_csv(request):
    return as_csv("people", *table(request))


@never_cache
@login_required
@require_GET
def people_xlsx(request):
    return as_xlsx("people", *table(request))


@never_cache
@login_required
@require_GET
def person(request, pk: int):
    """One of the own people: courses, progress, completion, certificates."""
    agencies = own_agencies(request)
    somebody = get_object_or_404(people_in(request.user, agencies, None, ""), pk=pk)
    enrolments = (
        Enrolment.objects.filter(user=somebody)
        .exclude(state=Enrolment.State.WITHDRAWN)
        .select_related("run")
        .prefetch_related(
            Prefetch("certificates", Certificate.objects.defer("segments").order_by("-version"))
        )
        .defer("progress")
        .order_by("-enrolled_at", "-pk")
    )
    page_obj = Paginator(enrolments, PER_PAGE).get_page(request.GET.get("page"))
    titles = titles_of({e.run.course for e in page_obj})
    memberships = (
        scope.members_below([a.path for a in agencies])
        .filter(user=somebody)
        .select_related("agency")
        .order_by("agency__path")
    )
    context = {
        "person": {"name": somebody.get_full_name() or somebody.email, "email": somebody.email},
        "english_name": somebody.english_name,
        "memberships": [
            {"agency": m.agency.name, "position": m.position, "since": m.since} for m in memberships
        ],
        "courses": [course_row(e, titles) for e in page_obj],
        "page_obj": page_obj,
    }
    return render(request, "agency/person.html", context)


def course_row(enrolment: Enrolment, titles: dict) -> dict:
    certificate = next(iter(enrolment.certificates.all()), None)
    return {
        "title": titles.get(enrolment.run.course) or _("A course that is no longer offered"),
        "run": enrolment.run.title(get_language() or "th") if enrolment.run.name else "",
        "percent": enrolment.percent,
        "enrolled_at": enrolment.enrolled_at,
        "completed_at": enrolment.completed_at,
        "certificate": certificate.number if certificate else "",
        "certificate_url": reverse("certificate_verify", args=[certificate.code])
        if certificate
        else "",
        "revoked": certificate is not None and certificate.state == Certificate.State.REVOKED,
    }


def titles_of(courses: set) -> dict:
    """{course: title}: as on offer, else as it was last. Of the outlines, which are long, only the
    titles are read."""
    offered = CourseState.objects.filter(served__isnull=False, course__in=courses)
    found = {
        course: in_language(titles)
        for course, titles in offered.values_list("course", "served__outline__titles")
    }
    missing = courses - set(found)
    if missing:
        newest = CourseRelease.objects.filter(course__in=missing).order_by("course", "number")
        found |= {
            course: in_language(titles)
            for course, titles in newest.values_list("course", "outline__titles")
        }
    return found
