"""Transcripts: one's own, of a person one teaches, printed, as a table, and checked by number."""

import csv
from datetime import datetime

from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from activities.core.tables import Echo, harmless
from courses.enrolment.models import Enrolment
from courses.enrolment.rules import manages_all, runs_for
from courses.releases.delivery import in_language

from . import transcript
from .models import Transcript
from .pdf import PdfUnavailable, render_transcript
from .views import bare

PAGE_SIZE = 100
BATCH = 200


def language_now() -> str:
    return (get_language() or "th")[:2]


def runs_seen(actor, person):
    """Of which runs `actor` may see what `person` has learned: None is all of them. Raises Http404
    for people who are not theirs to see."""
    if actor == person or manages_all(actor):
        return None
    runs = runs_for(actor)
    if runs is not None and Enrolment.objects.filter(user=person, run__in=runs).exists():
        return runs
    # Whoever may know about a person without teaching them looks after that person's agency.
    if not get_user_model().objects.for_actor(actor).filter(pk=person.pk).exists():
        raise Http404
    return None


def page_of(request, person, runs, **context):
    language = language_now()
    page_obj = Paginator(transcript.enrolments(person, runs), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    rows = [transcript.shown_row(row, language) for row in transcript.rows(list(page_obj))]
    sums = transcript.sums(person, runs)
    context |= {
        "person_name": person.get_full_name() or person.email,
        "years": transcript.by_year(rows, sums),
        "all_years": [{"year": year, **values} for year, values in sums.items()],
        "page_obj": page_obj,
    }
    return render(request, "certificates/transcript.html", context)


@never_cache
@login_required
@require_GET
def mine(request):
    return page_of(
        request,
        request.user,
        None,
        is_mine=True,
        csv_url=reverse("transcript_csv"),
        catalogue_url=reverse("catalogue"),
    )


def the_person(request, pk: int):
    person = get_object_or_404(get_user_model(), pk=pk)
    return person, runs_seen(request.user, person)


@never_cache
@login_required
@require_GET
def of_person(request, pk: int):
    """What a person has learned, as far as the reader may know: all of it for a course manager, the
    runs that they teach for an instructor."""
    person, runs = the_person(request, pk)
    return page_of(
        request,
        person,
        runs,
        is_mine=False,
        partial=runs is not None,
        csv_url=reverse("teach_transcript_csv", args=[person.pk]),
    )


# -- as a table ---------------------------------------------------------------------------------


def table(person, runs):
    """A spreadsheet of everything, a batch at a time."""
    writer, language = csv.writer(Echo()), language_now()
    header = [
        _("Fiscal year (B.E.)"),
        _("Course code"),
        _("Course"),
        _("Run"),
        _("State"),
        _("Enrolled"),
        _("Completed"),
        _("Listening and reading (minutes)"),
        _("Workshop (minutes)"),
        _("Discussion (minutes)"),
        _("Role-play (minutes)"),
        _("Tests (minutes)"),
        _("In all (minutes)"),
        pgettext("course", "Grade"),
        _("Certificate"),
    ]
    yield "\ufeff" + writer.writerow(header)
    found = transcript.enrolments(person, runs)
    start = 0
    while batch := list(found[start : start + BATCH]):
        for row in transcript.rows(batch):
            yield writer.writerow(
                [
                    row["year"] or "",
                    harmless(row["code"]),
                    harmless(in_language(row["titles"], language)),
                    harmless(row["run"]),
                    state_word(row["state"]),
                    day(row["enrolled"]),
                    day(row["completed"]),
                    *row["minutes"].values(),
                    row["total"],
                    row["grade"],
                    row["certificate"] or "",
                ]
            )
        start += BATCH


def day(raw: str | None) -> str:
    return timezone.localtime(datetime.fromisoformat(raw)).date().isoformat() if raw else ""


def state_word(state: str) -> str:
    if state == "revoked":
        return _("Certificate revoked")
    return str(Enrolment.State(state).label)


def csv_of(person, runs):
    response = StreamingHttpResponse(table(person, runs), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="transcript.csv"'
    return response


@never_cache
@login_required
@require_GET
def mine_csv(request):
    return csv_of(request.user, None)


@never_cache
@login_required
@require_GET
def of_person_csv(request, pk: int):
    return csv_of(*the_person(request, pk))


# -- printed ------------------------------------------------------------------------------------


@never_cache
@login_required
@require_POST
def print_mine(request):
    """Keep the transcript as it is now, under a number, and lead to its PDF."""
    made = transcript.printed(request.user)
    return redirect("transcript_pdf", made.code)


@never_cache
@login_required
@require_GET
def pdf(request, code: str):
    found = get_object_or_404(Transcript.objects.select_related("user"), code=bare(code))
    if found.user_id != request.user.pk and not manages_all(request.user):
        raise Http404
    try:
        content = render_transcript(found)
    except PdfUnavailable:
        response = render(
            request, "certificates/unavailable.html", {"transcript": found}, status=503
        )
        response["Retry-After"] = "3600"
        return response
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="transcript-{found.number}.pdf"'
    return response


@never_cache
@require_GET
def verify(request, code: str):
    """What a printed transcript said, for whoever holds its number."""
    found = Transcript.objects.filter(code=bare(code)).first()
    if found is None:
        return render(request, "certificates/transcript_check.html", {"code": code}, status=404)
    rows = [transcript.shown_row(row, language_now()) for row in found.content["rows"]]
    sums = {year["year"]: year for year in found.content["years"]}
    context = {"transcript": found, "years": transcript.by_year(rows, sums), "code": code}
    return render(request, "certificates/transcript_check.html", context)
