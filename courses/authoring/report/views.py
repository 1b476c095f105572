"""All courses and the rule: one line a course, for whoever has to stand behind it."""

from statistics import median

import django_filters
from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from wagtail.admin.auth import permission_denied
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.reports import ReportView
from wagtail.permissions import page_permission_policy

from activities.core.moments import moment
from courses.catalogue.models import CoursePage, TargetGroup
from courses.enrolment.models import Enrolment, MeasuredTime
from courses.releases.models import CourseState, MeasuredCap, ReleaseItem

LEAST_PEOPLE = 5
BANDS = [
    ("narrow", gettext_lazy("40 to 42 per cent")),
    ("middle", gettext_lazy("42 to 60 per cent")),
    ("wide", gettext_lazy("60 per cent and more")),
]
LANGUAGES = [
    ("th", gettext_lazy("Thai only")),
    ("en", gettext_lazy("English only")),
    ("both", gettext_lazy("in both languages")),
]


class RuleFilterSet(WagtailFilterSet):
    q = django_filters.CharFilter(label=gettext_lazy("Title or code"), method="by_text")
    band = django_filters.ChoiceFilter(
        label=gettext_lazy("Share of doing"), choices=BANDS, method="by_band"
    )
    target_group = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Target group"),
        queryset=TargetGroup.objects.filter(framework__is_current=True),
        method="by_group",
    )

    language = django_filters.ChoiceFilter(
        label=gettext_lazy("Languages"), choices=LANGUAGES, method="by_language"
    )

    class Meta:
        model = CourseState
        fields = ["status"]

    def by_text(self, queryset, name, value):
        pages = CoursePage.objects.filter(Q(title__icontains=value) | Q(code__icontains=value))
        return queryset.filter(course__in=pages.values("translation_key"))

    def by_band(self, queryset, name, value):
        total = F("current__lecture") + F("current__active") + F("current__neutral")
        queryset = queryset.filter(current__isnull=False).annotate(
            share=F("current__active") * 100, total=total
        )
        if value == "narrow":
            return queryset.filter(share__lt=F("total") * 42)
        if value == "middle":
            return queryset.filter(share__gte=F("total") * 42, share__lt=F("total") * 60)
        return queryset.filter(share__gte=F("total") * 60)

    def by_group(self, queryset, name, value):
        pages = CoursePage.objects.filter(target_groups=value)
        return queryset.filter(course__in=pages.values("translation_key"))

    def by_language(self, queryset, name, value):
        """The languages in which a course page is published."""
        pages = CoursePage.objects.filter(translation_key=OuterRef("course"))
        queryset = queryset.annotate(
            **{
                f"in_{code}": Exists(pages.filter(locale__language_code=code, live=True))
                for code in ("th", "en")
            }
        )
        return queryset.filter(in_th=value in ("th", "both"), in_en=value in ("en", "both"))


class RuleReport(ReportView):
    model = CourseState
    page_title = gettext_lazy("All courses and the 60/40 rule")
    header_icon = "list-ul"
    filterset_class = RuleFilterSet
    index_url_name = "authoring_rule_report"
    index_results_url_name = "authoring_rule_report_results"
    default_ordering = "slug"
    paginate_by = 50
    columns = [
        TitleColumn(
            "title",
            label=gettext_lazy("Course"),
            get_url=lambda state: state.dashboard,
            get_title_id=lambda state: f"course_{state.pk}",
        ),
        Column("code", label=gettext_lazy("Code")),
        Column("status_words", label=gettext_lazy("State"), sort_key="status"),
        Column("lecture", label=gettext_lazy("Lecture"), sort_key="current__lecture"),
        Column("active", label=gettext_lazy("Doing"), sort_key="current__active"),
        Column("neutral", label=gettext_lazy("Neither"), sort_key="current__neutral"),
        Column("active_percent", label=gettext_lazy("Doing, per cent")),
        Column(
            "released_at",
            label=gettext_lazy("Release since"),
            accessor=lambda state: released(state),
            sort_key="current__created_at",
        ),
        Column("learners", label=gettext_lazy("Learners")),
        Column("measured", label=gettext_lazy("Measured, median minutes")),
        Column("limited", label=gettext_lazy("Activities that count less")),
    ]
    list_export = [
        *("title", "code", "status_words", "lecture", "active", "neutral", "total"),
        *("lecture_percent", "active_percent", "released_at", "learners", "measured", "limited"),
    ]
    export_headings = {
        "title": gettext_lazy("Course"),
        "code": gettext_lazy("Code"),
        "status_words": gettext_lazy("State"),
        "lecture": gettext_lazy("Lecture"),
        "active": gettext_lazy("Doing"),
        "neutral": gettext_lazy("Neither"),
        "total": gettext_lazy("In all"),
        "lecture_percent": gettext_lazy("Lecture, per cent"),
        "active_percent": gettext_lazy("Doing, per cent"),
        "released_at": gettext_lazy("Release since"),
        "learners": gettext_lazy("Learners"),
        "measured": gettext_lazy("Measured, median minutes"),
        "limited": gettext_lazy("Activities that count less"),
    }

    def get_filename(self):
        return "sala-60-40"

    def get_base_queryset(self):
        return CourseState.objects.select_related("current").defer(
            "current__outline", "current__texts"
        )

    def dispatch(self, request, *args, **kwargs):
        if not page_permission_policy.user_has_any_permission(
            request.user, ["add", "change", "publish"]
        ):
            return permission_denied(request)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        # A CSV is written when the request's language is gone: its headings are said now.
        self.export_headings = {name: str(said) for name, said in self.export_headings.items()}
        return super().get(request, *args, **kwargs)

    def decorate_paginated_queryset(self, object_list):
        states = list(object_list)
        keys = [state.course for state in states]
        pages = {}
        for page in CoursePage.objects.filter(translation_key__in=keys).order_by(
            "-locale__language_code"
        ):
            pages.setdefault(page.translation_key, page)
        people, minutes = learners(keys), measured(keys)
        fewer = limited(states)
        for state in states:
            decorate(state, pages.get(state.course), people, minutes)
            state.limited = fewer.get(state.pk, 0)
        return states


def released(state: CourseState) -> str:
    at = state.released_at
    return moment(at, (get_language() or "th")[:2]) if at else ""


def decorate(state: CourseState, page, people: dict, minutes: dict) -> None:
    """What a line says, and the dashboard to which its title leads (none without a page)."""
    mix = state.current.mix if state.current else None
    state.title = page.get_admin_display_title() if page else state.slug
    state.code = page.code if page else ""
    state.status_words = state.get_status_display()
    for name in ("lecture", "active", "neutral", "total"):
        setattr(state, name, getattr(mix, name) if mix else "")
    state.lecture_percent = mix.lecture_percent if mix else ""
    state.active_percent = mix.active_percent if mix else ""
    state.released_at = state.current.created_at if state.current else ""
    state.learners = people.get(state.course, 0)
    state.measured = minutes.get(state.course, "")
    state.dashboard = reverse("authoring_dashboard", args=[page.pk]) if page else None


def learners(courses: list) -> dict:
    rows = Enrolment.objects.filter(run__course__in=courses).exclude(
        state=Enrolment.State.WITHDRAWN
    )
    return dict(rows.values_list("run__course").annotate(n=Count("pk")).order_by())


def limited(states: list[CourseState]) -> dict[int, int]:
    """{state: how many of its activities count less, because learners took far less}"""
    rows = ReleaseItem.objects.filter(
        release__in=[state.served_id for state in states if state.served_id],
        version__item__in=MeasuredCap.objects.values("item"),
    )
    by_release = dict(rows.values_list("release").annotate(n=Count("pk")).order_by())
    return {state.pk: by_release.get(state.served_id, 0) for state in states}


def measured(courses: list) -> dict:
    """{course: median minutes of those who completed it}, where there are enough not to name one."""
    done = Enrolment.objects.filter(
        run__course__in=courses, state=Enrolment.State.COMPLETED
    ).values_list("seat", "run__course")
    course_of = dict(done)
    sums: dict = {}
    rows = MeasuredTime.objects.filter(seat__in=list(course_of)).values_list("seat")
    for seat, seconds in rows.annotate(s=Sum("seconds")).order_by():
        sums.setdefault(course_of[seat], []).append(seconds // 60)
    return {
        course: round(median(values))
        for course, values in sums.items()
        if len(values) >= LEAST_PEOPLE
    }
