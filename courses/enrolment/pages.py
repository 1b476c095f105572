"""What the public pages of the catalogue show: only what is on offer."""

from datetime import timedelta

from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from activities.core import registry
from courses.catalogue.models import CatalogPage, Level, Pacing
from courses.releases import cut
from courses.releases.delivery import in_language, served_by_slug, state_of

from . import access, boards, catalogue, offers, prerequisites, schedule
from .announced import announcements
from .enrol import enrolment_in, place_in
from .models import Enrolment
from .progress import item_minutes, next_item, strip, totals
from .terms import skill_groups, target_groups

FEATURED = 6
POPULAR = 3
POPULAR_SINCE = timedelta(days=90)
COUNTED_SECONDS = 600
LEAST_COHORT_FOR_FIGURES = 10
COUNTED_EVERY_SECONDS = 600


def current_language() -> str:
    return (get_language() or "th")[:2]


def catalogue_page() -> CatalogPage | None:
    """The catalogue in the current language, else in any."""
    pages = CatalogPage.objects.filter(live=True).select_related("locale").order_by("pk")
    pages = list(pages)
    current = [page for page in pages if page.locale.language_code == current_language()]
    return (current or pages or [None])[0]


def catalogue_url() -> str:
    """The address of the catalogue in the current language."""
    page = catalogue_page()
    return page.url if page else reverse("dashboard")


@require_GET
def catalogue_view(request):
    """The catalogue at its own address: the most visited page goes without a walk of the tree."""
    page = catalogue_page()
    if page is None:
        raise Http404
    return page.serve(request)


def people_in_all() -> dict:
    """How many people learn here and how many courses they completed; counted every ten minutes."""
    found = cache.get("home:people")
    if found is None:
        found = {
            "learners": Enrolment.objects.values("user").distinct().count(),
            "completed": Enrolment.objects.filter(state=Enrolment.State.COMPLETED).count(),
        }
        cache.set("home:people", found, COUNTED_SECONDS)
    return found


def popular(entries: list) -> list:
    """The courses that most people joined in the last three months, most first; counted every ten
    minutes. A course that nobody joined is not popular."""
    counts = cache.get("home:popular")
    if counts is None:
        since = timezone.now() - POPULAR_SINCE
        rows = Enrolment.objects.filter(enrolled_at__gte=since).values_list("run__course")
        counts = {str(course): n for course, n in rows.annotate(n=Count("pk")).order_by()}
        cache.set("home:popular", counts, COUNTED_SECONDS)
    joined = [entry for entry in entries if counts.get(entry.course)]
    return sorted(joined, key=lambda entry: -counts[entry.course])


class Pages:
    """The provider that the page models ask (`courses.catalogue.delivery_hooks`)."""

    def home(self, request, page) -> dict:
        entries = catalogue.entries()
        language = current_language()
        base = catalogue_url()
        newest = entries[:FEATURED]
        liked = [entry for entry in popular(entries) if entry not in newest][:POPULAR]
        return {
            "announcements": boards.ask("announcements", request.user, language, default=[]),
            "featured": catalogue.cards(newest, language, base),
            "popular": catalogue.cards(liked, language, base),
            **schedule.by_date(request.user, entries, language, base),
            "catalogue_url": base,
            "stats": {
                "courses": len(entries),
                "minutes": sum(entry.minutes for entry in entries),
                **people_in_all(),
            },
        }

    def catalogue(self, request, page) -> dict:
        language = current_language()
        path = request.path
        found = catalogue.browse(request.GET, path, language, offers.starts(request.user))
        size = catalogue.RESULTS if found["q"] else catalogue.PAGE_SIZE
        paginator = Paginator(found.pop("found"), size)
        page_obj = paginator.get_page(request.GET.get("page"))
        shown = list(page_obj)
        next_runs = offers.next_runs(request.user, [entry.course for entry in shown], language)
        cards = catalogue.cards(shown, language, page.url)
        return {
            **found,
            "cards": [
                {**card, "next_run": next_runs.get(entry.course)}
                for entry, card in zip(shown, cards, strict=True)
            ],
            "page_obj": page_obj,
            "total": paginator.count,
            "catalogue_url": path,
        }

    def course_page(self, request, page):
        """The public page of a course, from its release; None when it never was on offer."""
        state = state_of(page.translation_key)
        if state is None and served_by_slug(page.slug):
            return closed_course(request, *place_in(request.user, page.slug), page.slug)
        if state is None or not page.live:  # a translation that is not published yet
            return None
        context = course_context(request, state, page.get_parent().get_url(request))
        return render(request, "catalogue/course_page.html", {"page": page, **context})

    def course_preview(self, request, page):
        """The page as it would look if it were published now, with what stands against that."""
        result = cut.candidate(cut.source_page(page.translation_key) or page)
        outline = cut.outline_of(result)
        outline["titles"][page.locale.language_code] = page.title
        outline["summaries"][page.locale.language_code] = page.summary
        context = {
            "page": page,
            "course": course_facts(outline, result.texts, current_language(), None, None),
            "enrolment": None,
            "can_enrol": False,
            "closed_reason": _("This is a preview."),
            "preview_of_release": True,
        }
        return render(request, "catalogue/course_page.html", context)


def closed_course(request, state, enrolment, slug: str):
    """A course that has been withdrawn: its page for who is enrolled, for others that enrolment is
    closed. Raises Http404 when there never was such a course."""
    if state is not None and enrolment is not None:
        context = course_context(request, state, catalogue_url(), enrolment)
        return render(request, "catalogue/course_page.html", context)
    if state is None and served_by_slug(slug):
        context = {"catalogue_url": catalogue_url()}
        return render(request, "catalogue/closed.html", context, status=404)
    raise Http404


def course_context(request, state, catalogue: str, enrolment: Enrolment | None = None) -> dict:
    release = state.current or state.served
    language = current_language()
    enrolment = enrolment or enrolment_in(request.user, state.course)
    slug = release.outline["slug"]
    runs = [] if enrolment else offers.runs_of(request.user, state.course, slug, language)
    # One run that everybody may join at any time is a button; a choice of runs is a list.
    simple = len(runs) == 1 and not runs[0]["is_cohort"] and runs[0]["direct"]
    joinable = [run for run in runs if run["can_join"]]
    facts = course_facts(release.outline, release.texts, language, enrolment, state)
    context = {
        "course": facts,
        "closed": state.closed,
        "enrolment": None,
        "enrol_url": reverse("enrol", args=[release.outline["slug"]]),
        "leave_url": reverse("leave", args=[release.outline["slug"]]),
        "can_enrol": simple and bool(joinable),
        "runs": [] if simple and joinable else runs,
        "missing_courses": []
        if enrolment
        else prerequisites.missing(request.user, release.outline, language),
        "closed_reason": "" if runs or enrolment else _("Enrolment is closed at the moment."),
        "login_url": f"{reverse('account_login')}?next={request.path}",
        "catalogue_url": catalogue,
        "preview_of_release": False,
    }
    if enrolment is not None:
        context["run_announcements"] = announcements([enrolment], language)
        context["messages_url"] = reverse("my_conversation", args=[enrolment.run_id])
        upcoming = next_item(release.outline, enrolment.progress)
        context["enrolment"] = {
            "percent": enrolment.percent,
            "completed": enrolment.completed_at is not None,
            "resume_url": reverse("course_resume", args=[release.outline["slug"]]),
            "resume_title": in_language(upcoming["titles"], language) if upcoming else "",
            "certificate_url": certificate_url(enrolment),
            "survey_url": boards.survey_of(enrolment),
            "started": bool(enrolment.progress),
            "grades_url": reverse("my_grades", args=[state.slug]),
            "run_name": enrolment.run.title(language)
            if enrolment.run.pacing == enrolment.run.Pacing.COHORT
            else "",
            "starts_at": enrolment.run.starts_at,
            "ends_at": enrolment.run.ends_at,
            "access": access.access_to(enrolment.run),
            "decline_until": enrolment.decline_until
            if enrolment.decline_until and enrolment.decline_until > timezone.now()
            else None,
        }
    return context


_certificate_url = None


def register_certificate_url(function) -> None:
    """`courses.certificates` stands above this app, so it says here where a certificate is."""
    global _certificate_url
    _certificate_url = function


def certificate_url(enrolment) -> str | None:
    if enrolment.completed_at is None or _certificate_url is None:
        return None
    return _certificate_url(enrolment)


def course_facts(outline: dict, texts: dict, language: str, enrolment, state) -> dict:
    """Everything the course page says about a course."""
    text = in_language(texts, language)
    progress = enrolment.progress if enrolment else None
    opens = enrolment is not None and access.access_to(enrolment.run).may_open
    expectations: list[str] = []
    items = []
    for item in outline["items"]:
        for sentence in in_language(item["expects"], language):
            if sentence not in expectations:
                expectations.append(sentence)
        percent = (progress or {}).get(item["key"], 0)
        items.append(
            {
                "title": in_language(item["titles"], language),
                "minutes": item_minutes(item) or item["declared"],
                "kind": item["kind"],
                "category": item["category"],
                "icon": item["icon"],
                "method_label": kind_word(item["kind"]),
                "summary": in_language(item["summaries"], language),
                "section": section_title(outline, item, language),
                "required": item["required"],
                "url": reverse("item", args=[outline["slug"], item["slug"]]) if opens else None,
                "done": percent >= 100,
                "percent": percent,
            }
        )
    return {
        "code": outline["code"],
        "title": in_language(outline["titles"], language),
        "title_lang": language if language in outline["titles"] else "th",
        "summary": in_language(outline["summaries"], language),
        "level_label": Level(outline["level"]).label,
        "pacing_label": Pacing(outline["pacing"]).label,
        "total_minutes": totals(outline)["total"],
        "target_groups": term_names(target_groups(), outline["target_groups"], language),
        "skill_groups": term_names(skill_groups(), outline["skill_groups"], language),
        "outcomes": outcomes_of(text),
        "expectations": expectations,
        "totals": totals(outline, progress),
        "segments": strip(outline, progress),
        "items": items,
        "completion": completion_of(state) if state else None,
    }


def kind_word(name: str) -> str:
    try:
        return str(registry.get(name).label)
    except registry.UnknownKind:
        return _("Activity")


def section_title(outline: dict, item: dict, language: str) -> str | None:
    if item["section"] is None:
        return None
    return in_language(outline["sections"][item["section"]], language)


def term_names(table: dict, keys: list[int], language: str) -> list[str]:
    return [table[pk][language] for pk in keys if pk in table]


def outcomes_of(text: dict) -> list[str]:
    """The outcomes out of a course page's snapshot (a StreamField, stored as JSON text)."""
    import json

    return [block["value"] for block in json.loads(text.get("outcomes") or "[]")]


def counted(course) -> dict:
    return Enrolment.objects.filter(run__course=course).aggregate(
        n=Count("pk"), completed=Count("completed_at")
    )


def completion_of(state) -> dict | None:
    """How many of the people who took the course completed it; only for ten or more. Counted anew
    after some minutes: nobody decides by the last person."""
    row = cache.get_or_set(
        f"completion-{state.course}", lambda: counted(state.course), COUNTED_EVERY_SECONDS
    )
    if row["n"] < LEAST_COHORT_FOR_FIGURES:
        return None
    return {"n": row["n"], "percent": row["completed"] * 100 // row["n"]}


def redirect_to_login(request):
    return redirect(f"{reverse('account_login')}?next={request.get_full_path()}")
