"""Pages of a run's meetings: the list and its form, the roll call, the table, a learner's own."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, FilteredRelation, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from activities.core.date_input import MomentField, written
from activities.core.errors import Refused
from activities.core.personal import arabic_digits
from courses.enrolment import rules, sheets
from courses.enrolment.enrol import place_in
from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.teach import outline_or_404, run_facts, the_run
from courses.releases.delivery import in_language

from . import attendance, participants
from .attendance import Mark
from .desk_models import LONGEST_MEETING_HOURS
from .models import Attendance, AttendanceChange, Meeting

PAGE_SIZE = 100
# One key per person; the same keys on a Thai keyboard.
KEYS = {"present": "P", "late": "L", "absent": "A", "excused": "E"}


class MeetingForm(forms.ModelForm):
    starts_at = MomentField(
        label=gettext_lazy("Begins"),
        help_text=gettext_lazy("Like 22/11/2569 09.00 or 22 Nov 2026 09:00."),
    )
    ends_at = MomentField(label=gettext_lazy("Ends"))
    link = forms.URLField(
        label=gettext_lazy("Link to join"), required=False, max_length=500, assume_scheme="https"
    )

    class Meta:
        model = Meeting
        fields = ["title", "title_en", "starts_at", "ends_at", "place", "link"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        language = language_now()
        for name in ("starts_at", "ends_at"):
            self.initial[name] = written(getattr(self.instance, name), language)
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean(self):
        cleaned = super().clean()
        begins, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if begins and ends and ends <= begins:
            self.add_error(
                "ends_at", _("The end must be after the beginning. Choose a later moment.")
            )
        elif begins and ends and (ends - begins).total_seconds() > LONGEST_MEETING_HOURS * 3600:
            message = _("A meeting lasts at most %(hours)d hours. Make one for each day.")
            self.add_error("ends_at", message % {"hours": LONGEST_MEETING_HOURS})
        return cleaned


def language_now() -> str:
    return (get_language() or "th")[:2]


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def listed(request, pk: int, meeting: int | None = None):
    """The meetings of a run with how many came, and the form for a new one or one of them."""
    run = the_run(request, pk)
    outline, language = outline_or_404(run), language_now()
    row = Meeting(run=run) if meeting is None else meeting_of(run, meeting)
    error, typed_rule = None, None
    form = MeetingForm(None, instance=row)
    if request.method == "POST":
        action = request.POST.get("action", "")
        if action == "save":
            form = MeetingForm(request.POST, instance=row)
        try:
            if action != "save" or form.is_valid():
                messages.success(request, act(request, run, row, form, action))
                return redirect("teach_meetings", run.pk)
        except Refused as refusal:
            if refusal.status == 404:
                raise Http404(refusal.message) from refusal
            error = refusal
            typed_rule = request.POST.get("least") if action == "rule" else None
    meetings = list(run.meetings.all())
    sums, now = attendance.sums_of(meetings), timezone.now()
    context = {
        "run": run_facts(run, outline, language),
        "form": form,
        "editing": row if row.pk else None,
        "error": error,
        "least": attendance.least_of(run) if typed_rule is None else typed_rule,
        "meetings": [
            {
                "pk": one.pk,
                "title": one.in_language(language),
                "starts": one.starts_at,
                "ends": one.ends_at,
                "place": one.place,
                "link": one.link,
                "sums": sums[one.pk],
                "called": any(sums[one.pk][state] for state in Attendance.State.values),
                "over": one.ends_at <= now,
            }
            for one in meetings
        ],
    }
    status = error.status if error else 422 if form.errors else 200
    return render(request, "teach/meetings.html", context, status=status)


def meeting_of(run: CourseRun, pk: int) -> Meeting:
    return get_object_or_404(Meeting.objects.select_related("run"), run=run, pk=pk)


def act(request, run: CourseRun, row: Meeting, form, action: str) -> str:
    """Do what the form says. Returns what to say. Raises `Refused`."""
    if action == "save":
        attendance.save_meeting(form.save(commit=False), request.user)
        return _("The meeting is saved. Learners see it with their dates.")
    if action == "delete" and row.pk:
        attendance.remove_meeting(row, request.user)
        return _("The meeting is gone.")
    if action == "rule":
        attendance.set_rule(run, request.user, least_of(request.POST.get("least", "")))
        return _("What completing the run asks for is saved.")
    raise Refused(_("Sala does not know this action."), code="unknown_action", status=422)


def least_of(raw: str) -> int | None:
    raw = arabic_digits(raw).strip()
    if not raw:
        return None
    if not raw.isdecimal() or not 1 <= int(raw[:9]) <= 100:
        message = _("Write a whole number from 1 to 100, or leave it empty.")
        raise Refused(message, code="not_a_percentage", fields={"least": message})
    return int(raw)


# -- the roll call ------------------------------------------------------------------------------


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def roll(request, pk: int, meeting: int):
    """Who is there: one line a person, one key each; works as a plain form too."""
    run = the_run(request, pk)
    outline, language = outline_or_404(run), language_now()
    row = meeting_of(run, meeting)
    group = participants.whole(request.GET.get("group"), 10**15)
    wanted = participants.Wanted(
        q=request.GET.get("q", "").strip()[:100], group=group, order="name"
    )
    people = participants.found(run, wanted).filter(rules.seen_in(run, request.user))
    people = people.select_related("user").defer("progress")
    page_obj = Paginator(people, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(page_obj)
    known = {
        one.enrolment_id: one for one in Attendance.objects.filter(meeting=row, enrolment__in=shown)
    }
    error = None
    if request.method == "POST":
        try:
            marks = marks_of(request.POST, shown, known)
            count = attendance.call_roll(row, request.user, marks, request.POST.get("reason", ""))
        except Refused as refusal:
            if refusal.status == 404:
                raise Http404(refusal.message) from refusal
            error = refusal
        else:
            done = ngettext("Noted for %(count)d person.", "Noted for %(count)d people.", count)
            messages.success(request, done % {"count": count})
            return redirect(request.get_full_path())
    typed = request.POST if error else None
    context = {
        "run": run_facts(run, outline, language),
        "meeting": {
            "title": row.in_language(language),
            "starts": row.starts_at,
            "ends": row.ends_at,
            "minutes": row.minutes,
            "place": row.place,
        },
        "choices": [
            {"value": value, "label": label, "key": KEYS[value]}
            for value, label in Attendance.State.choices
        ],
        "people": [line(one, known.get(one.pk), typed, error) for one in shown],
        "any_known": bool(known),
        "groups": list(run.groups.all()),
        "group": group,
        "q": wanted.q,
        "page_obj": page_obj,
        "error": error,
        "reason": typed.get("reason", "") if typed else "",
        "changes": recent_changes(row),
        "back_url": reverse("teach_meetings", args=[run.pk]),
    }
    return render(request, "teach/roll.html", context, status=error.status if error else 200)


def marks_of(data, people: list[Enrolment], known: dict) -> dict[int, Mark]:
    """What the form notes of the people of the page; who has no choice stays without one, unless all
    the others are present."""
    everybody = data.get("action") == "others_present"
    marks = {}
    for one in people:
        state = data.get(f"state-{one.pk}", "")
        if state not in Attendance.State.values:
            if not everybody or one.pk in known:
                continue
            state = Attendance.State.PRESENT
        raw = arabic_digits(data.get(f"late-{one.pk}", "")).strip()
        late = int(raw) if raw.isdecimal() and len(raw) < 5 else 0
        marks[one.pk] = Mark(state, late if state == Attendance.State.LATE else 0)
    if not marks:
        message = _("Nobody is marked yet.")
        raise Refused(message, code="nobody", status=422)
    return marks


def line(one: Enrolment, mark: Attendance | None, typed, error) -> dict:
    late = str(mark.late_minutes) if mark and mark.late_minutes else ""
    return {
        "pk": one.pk,
        "name": one.user.get_full_name() or one.user.email,
        "email": one.user.email,
        "state": typed.get(f"state-{one.pk}", "") if typed else mark.state if mark else "",
        "late": typed.get(f"late-{one.pk}", "") if typed else late,
        "error": error.fields.get(f"late-{one.pk}", "") if error else "",
    }


def recent_changes(meeting: Meeting) -> list[AttendanceChange]:
    """The latest corrections of a meeting, with who made them and why."""
    return list(
        AttendanceChange.objects.filter(attendance__meeting=meeting)
        .exclude(before="")
        .select_related("by", "attendance__enrolment__user")[:20]
    )


@never_cache
@login_required
@require_GET
def export(request, pk: int, kind: str):
    """Everybody by meeting with the minutes attended, as CSV or as a workbook."""
    run = the_run(request, pk)
    outline_or_404(run)
    language, meetings = language_now(), list(run.meetings.all())
    group = participants.whole(request.GET.get("group"), 10**15)
    people = participants.found(run, participants.Wanted(group=group, order="name"))
    people = people.filter(rules.seen_in(run, request.user)).defer("progress")
    words = dict(Attendance.State.choices)
    header = [_("Name"), _("E-mail"), _("Group"), _("Attended in per cent")]
    for one in meetings:
        day = timezone.localtime(one.starts_at).date().isoformat()
        title = f"{one.in_language(language)} {day}"
        header += [title, _("%(title)s: minutes") % {"title": title}]

    def lines():
        batch = []
        for row in people.select_related("user", "group").iterator(chunk_size=500):
            batch.append(row)
            if len(batch) == 500:
                yield from table(run, batch, meetings, words)
                batch = []
        if batch:
            yield from table(run, batch, meetings, words)

    return sheets.FORMATS[kind](f"attendance-{run.pk}", header, lines())


def table(run: CourseRun, people: list[Enrolment], meetings: list[Meeting], words: dict):
    found = attendance.attended_of(run, people)
    marks = {
        (enrolment, meeting): (state, minutes)
        for enrolment, meeting, state, minutes in Attendance.objects.filter(
            meeting__in=meetings, enrolment__in=people
        ).values_list("enrolment", "meeting", "state", "minutes")
    }
    for row in people:
        cells = []
        for meeting in meetings:
            state, minutes = marks.get((row.pk, meeting.pk), ("", ""))
            cells += [str(words.get(state, "")), minutes]
        yield [
            row.user.get_full_name(),
            row.user.email,
            row.group.name if row.group else "",
            found.get(row.pk),
            *cells,
        ]


# -- a learner's own ----------------------------------------------------------------------------


@never_cache
@login_required
@require_GET
def my_meetings(request, course: str):
    """The meetings of one's run and what was noted of oneself. Who does not take the course finds
    nothing here."""
    state, enrolment = place_in(request.user, course)
    if enrolment is None:
        raise Http404
    outline, language = state.served.outline, language_now()
    found = of_person(enrolment, language)
    context = {
        "course": {
            "title": in_language(outline["titles"], language),
            "code": outline["code"],
            "url": reverse("course", args=[state.slug]),
        },
        "meetings": found,
        "attended": attended_in(found),
        "least": attendance.least_of(enrolment.run),
    }
    return render(request, "learn/meetings.html", context)


def of_person(enrolment: Enrolment, language: str) -> list[dict]:
    """The meetings of somebody's run with what was noted of them. One query."""
    now, words = timezone.now(), dict(Attendance.State.choices)
    mine = FilteredRelation("attendances", condition=Q(attendances__enrolment=enrolment))
    meetings = Meeting.objects.filter(run=enrolment.run_id).annotate(
        mine=mine,
        noted=F("mine__state"),
        late=F("mine__late_minutes"),
        attended=F("mine__minutes"),
    )
    return [
        {
            "title": meeting.in_language(language),
            "starts": meeting.starts_at,
            "ends": meeting.ends_at,
            "place": meeting.place,
            "link": meeting.link if meeting.ends_at > now else "",
            "over": meeting.ends_at <= now,
            "state": words.get(meeting.noted, ""),
            "counts": meeting.noted != Attendance.State.EXCUSED,
            "late": meeting.late or 0,
            "minutes": meeting.attended,
            "of": meeting.minutes,
        }
        for meeting in meetings
    ]


def attended_in(found: list[dict]) -> int | None:
    """Per cent of the time of the meetings that are over, from what `of_person` found."""
    held = [row for row in found if row["over"] and row["counts"]]
    attended = sum(row["minutes"] or 0 for row in held)
    return attendance.percent(attended, sum(row["of"] for row in held))


def panel(enrolment: Enrolment, outline: dict, language: str) -> dict:
    """What the page of a person says about meetings; nothing where the run has none."""
    found, run = of_person(enrolment, language), enrolment.run
    return {
        "template": "teach/attendance_panel.html",
        "meetings": found,
        "attended": attended_in(found),
        "least": attendance.least_of(run) if found else None,
        "url": reverse("teach_meetings", args=[run.pk]),
    }
