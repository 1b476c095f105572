"""Pages of messages: an instructor's in a run, and a learner's own."""

from uuid import UUID, uuid4

from django.contrib import messages as said
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Max, Min, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from activities.core.errors import Refused
from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.rules import seen_in
from courses.enrolment.teach import outline_or_404, people_of, run_facts, the_run
from courses.releases.delivery import in_language, served, served_state

from . import messages, texts
from .models import Message

PAGE_SIZE = 25
MOST_IN_A_CONVERSATION = 200
MOST_CHOSEN = 200
STATES = ("", "active", "stuck", "completed")


def language_now() -> str:
    return (get_language() or "th")[:2]


def batch_of(raw) -> UUID:
    """The key of a sending that a form carries, so that a second click sends nothing twice."""
    try:
        return UUID(str(raw))
    except ValueError:
        return uuid4()


def labels() -> dict[str, str]:
    return {
        "": _("Everybody"),
        "active": _("Learning"),
        "stuck": _("Not seen for a week"),
        "completed": _("Completed"),
    }


@never_cache
@login_required
@require_GET
def inbox(request, pk: int):
    """The conversations of a run, unread ones first, or what was sent to whom."""
    run = the_run(request, pk)
    language = language_now()
    base = reverse("teach_messages", args=[run.pk])
    sent = request.GET.get("list") == "sent"
    here = Message.objects.filter(run=run)
    if sent:
        rows = (
            here.filter(by_staff=True)
            .order_by()
            .values("batch")
            .annotate(people=Count("pk"), at=Min("sent_at"), seen=Count("read_at"))
            .order_by("-at", "batch")
        )
    else:
        rows = (
            here.order_by()
            .values("learner")
            .annotate(at=Max("sent_at"), unread=Count("pk", filter=Q(by_staff=False, read_at=None)))
            .order_by("-unread", "-at", "learner")
        )
    page_obj = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    entries = sendings(list(page_obj)) if sent else conversations(run, list(page_obj), request.user)
    context = {
        "run": run_facts(run, outline_or_404(run), language),
        "entries": entries,
        "sent": sent,
        "page_obj": page_obj,
        "tabs": [
            {"label": _("Conversations"), "url": base, "current": not sent, "count": None},
            {
                "label": _("What was sent"),
                "url": f"{base}?list=sent",
                "current": sent,
                "count": None,
            },
        ],
    }
    return render(request, "teach/messages.html", context)


def conversations(run: CourseRun, rows: list[dict], by) -> list[dict]:
    people = {
        row.user_id: row
        for row in Enrolment.objects.filter(
            seen_in(run, by), run=run, user__in=[row["learner"] for row in rows]
        ).select_related("user")
    }
    return [
        {
            "name": messages.name_of(people[row["learner"]].user),
            "url": reverse("teach_conversation", args=[run.pk, people[row["learner"]].pk]),
            "at": row["at"],
            "unread": row["unread"],
        }
        for row in rows
        if row["learner"] in people
    ]


def sendings(rows: list[dict]) -> list[dict]:
    """The first few people of each sending and how many more there are."""
    found: dict = {}
    for row in (
        Message.objects.filter(batch__in=[row["batch"] for row in rows], by_staff=True)
        .select_related("learner", "author")
        .order_by("pk")[: PAGE_SIZE * MOST_CHOSEN]
    ):
        found.setdefault(row.batch, []).append(row)
    return [
        {
            "at": row["at"],
            "people": row["people"],
            "seen": row["seen"],
            "body": found[row["batch"]][0].body,
            "by": messages.name_of(found[row["batch"]][0].author)
            if found[row["batch"]][0].author
            else "",
            "names": [messages.name_of(one.learner) for one in found[row["batch"]]],
        }
        for row in rows
        if row["batch"] in found
    ]


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def write(request, pk: int):
    """Write to one or many: choose, write, look, send."""
    run = the_run(request, pk)
    outline, language = outline_or_404(run), language_now()
    data = request.POST if request.method == "POST" else request.GET
    state = data.get("state", "") if data.get("state", "") in STATES else ""
    chosen = [int(raw) for raw in data.getlist("to") if raw.isdecimal() and len(raw) < 18]
    people = people_of(run, state=state).filter(seen_in(run, request.user), user__is_active=True)
    if chosen:
        people = people.filter(pk__in=chosen[:MOST_CHOSEN])
    error, preview, body = None, None, data.get("body", "")
    ready = texts.TEMPLATES.get(data.get("template", ""))
    if ready and request.method != "POST":
        body = str(ready[1])
    if request.method == "POST":
        try:
            if data.get("action") == "send":
                keys = people.order_by().values_list("pk", flat=True)
                batch = batch_of(data.get("key"))
                count = messages.send(run, list(keys), body, request.user, batch)
                said.success(
                    request,
                    ngettext(
                        "Your message is sent to %(count)d person.",
                        "Your message is sent to %(count)d people.",
                        count,
                    )
                    % {"count": count},
                )
                return redirect(f"{reverse('teach_messages', args=[run.pk])}?list=sent")
            preview = preview_of(people, body, outline)
        except Refused as refusal:
            if refusal.status == 404:
                raise Http404(refusal.message) from refusal
            error = refusal
    context = {
        "run": run_facts(run, outline, language),
        "count": people.count(),
        "chosen": chosen,
        "names": [messages.name_of(row.user) for row in people[:10]] if chosen else [],
        "state": state,
        "states": [(value, label) for value, label in labels().items()],
        "body": body,
        "key": data.get("key") or uuid4(),
        "preview": preview,
        "error": error,
        "templates": [(name, label) for name, (label, _text) in texts.TEMPLATES.items()],
        "template": data.get("template", ""),
        "places": [(f"{{{name}}}", label) for name, label in texts.PLACES.items()],
        "longest": messages.LONGEST,
    }
    return render(request, "teach/write.html", context, status=error.status if error else 200)


def preview_of(people, body: str, outline: dict) -> dict:
    """What the first person will read. Raises `Refused`."""
    text = messages.text_of(body)
    texts.check(text)
    first = people.first()
    if first is None:
        message = _("Nobody fits this any more. Choose the people again.")
        raise Refused(message, code="nobody", fields={"to": message})
    return {"name": messages.name_of(first.user), "body": texts.filled(text, first, outline)}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def conversation(request, pk: int, enrolment: int):
    """One learner's conversation, from the instructor's side."""
    run = the_run(request, pk)
    enrolled = get_object_or_404(
        Enrolment.objects.select_related("user"),
        seen_in(run, request.user),
        pk=enrolment,
        run=run,
    )
    outline = outline_or_404(run)
    error = None
    if request.method == "POST":
        try:
            messages.send(
                run,
                [enrolled.pk],
                request.POST.get("body", ""),
                request.user,
                batch_of(request.POST.get("key")),
            )
            return redirect("teach_conversation", run.pk, enrolled.pk)
        except Refused as refusal:
            if refusal.status == 404:
                raise Http404(refusal.message) from refusal
            error = refusal
    elif request.method == "GET":
        messages.read(run, enrolled.user, by_staff=True)
    context = {
        "run": run_facts(run, outline, language_now()),
        "name": messages.name_of(enrolled.user),
        "person_url": reverse("teach_person", args=[run.pk, enrolled.pk]),
        # Whoever left meanwhile: what was written is shown once more, with the reason.
        "may_write": enrolled.state != Enrolment.State.WITHDRAWN or error is not None,
        **spoken(run, enrolled.user, request, error, for_staff=True),
    }
    return render(
        request, "teach/conversation.html", context, status=error.status if error else 200
    )


def spoken(run, learner, request, error, *, for_staff: bool) -> dict:
    """The newest messages in the order of writing, and the form below them."""
    rows = (
        Message.objects.filter(run=run, learner=learner)
        .select_related("author")
        .order_by("-sent_at", "-pk")[:MOST_IN_A_CONVERSATION]
    )
    return {
        "rows": [
            {
                "who": messages.name_of(row.author) if row.author else _("Instructor"),
                "mine": row.by_staff == for_staff,
                "by_staff": row.by_staff,
                "body": row.body,
                "at": row.sent_at,
                "read": row.read_at,
            }
            for row in reversed(rows)
        ],
        "body": request.POST.get("body", "") if error else "",
        "key": request.POST.get("key") if error else uuid4(),
        "error": error,
        "longest": messages.LONGEST,
    }


@never_cache
@login_required
@require_GET
def my_messages(request):
    """A learner's conversations, one for each run."""
    rows = (
        Message.objects.filter(learner=request.user)
        .order_by()
        .values("run")
        .annotate(at=Max("sent_at"), unread=Count("pk", filter=Q(by_staff=True, read_at=None)))
        .order_by("-unread", "-at", "run")
    )
    page_obj = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    runs = {run.pk: run for run in CourseRun.objects.filter(pk__in=[r["run"] for r in page_obj])}
    states = {
        s.course: s for s in served().filter(course__in={run.course for run in runs.values()})
    }
    language = language_now()
    entries = [
        {
            "title": in_language(states[run.course].served.outline["titles"], language)
            if run.course in states
            else run.title(language),
            "run": run.title(language),
            "url": reverse("my_conversation", args=[run.pk]),
            "at": row["at"],
            "unread": row["unread"],
        }
        for row in page_obj
        for run in [runs[row["run"]]]
    ]
    return render(request, "learn/messages.html", {"entries": entries, "page_obj": page_obj})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def my_conversation(request, run: int):
    """A learner and the instructors of a run."""
    enrolled = get_object_or_404(
        Enrolment.objects.select_related("run"), run=run, user=request.user
    )
    state = served_state(enrolled.run.course)
    if state is None:
        raise Http404
    error = None
    if request.method == "POST":
        try:
            messages.answer(
                enrolled.run,
                request.user,
                request.POST.get("body", ""),
                batch_of(request.POST.get("key")),
            )
            return redirect("my_conversation", enrolled.run_id)
        except Refused as refusal:
            if refusal.status == 404:
                raise Http404(refusal.message) from refusal
            error = refusal
    elif request.method == "GET":
        messages.read(enrolled.run, request.user, by_staff=False)
    context = {
        "title": in_language(state.served.outline["titles"], language_now()),
        "course_url": reverse("course", args=[state.slug]),
        "may_write": enrolled.state != Enrolment.State.WITHDRAWN,
        **spoken(enrolled.run, request.user, request, error, for_staff=False),
    }
    return render(
        request, "learn/conversation.html", context, status=error.status if error else 200
    )
