"""The pages that are measured, who looks at them, and what they may cost."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.test import Client
from django.test.utils import override_settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from activities.core.models import ItemVersion
from activities.workshop.allocation import allocate_many
from activities.workshop.enums import LeaseState
from activities.workshop.grades import aggregate_all
from activities.workshop.models import ReviewLease
from courses.catalogue.models import CoursePage
from courses.enrolment.pages import catalogue_url
from lms.memory import settle

from . import measure
from .data import SEARCHED, SEARCHED_PASSAGES, Bench


@dataclass(frozen=True)
class Budget:
    """Most CPU milliseconds, queries and kilobytes (1,000 bytes) of HTML; None is not limited."""

    cpu_ms: float
    queries: int
    kilobytes: int | None = None

    def exceeded(self, figures: measure.Figures) -> list[str]:
        over = []
        if figures.cpu_ms > self.cpu_ms:
            over.append("CPU")
        if figures.queries > self.queries:
            over.append("queries")
        if self.kilobytes is not None and figures.plain > self.kilobytes * 1000:
            over.append("kB")
        return over


@dataclass(frozen=True)
class Measured:
    name: str
    figures: measure.Figures
    budget: Budget | None = None


def addresses(bench: Bench) -> list[tuple]:
    """(name, person or None, address, budget) of every page, in Thai."""
    size, slug = bench.size, bench.course.slug
    workshop, run = bench.entry("workshop"), bench.run.pk
    lesson = bench.entry("lesson")
    lease = ReviewLease.objects.get(
        reviewer__user=bench.learner, submission__item=workshop["key"], state=LeaseState.HELD
    )

    def item(entry, *step):
        return reverse("item_step" if step else "item", args=[slug, entry["slug"], *step])

    with override("th"):
        catalogue = catalogue_url()
        course = CoursePage.objects.get(translation_key=bench.largest.course).url
        # The lesson's own text is not the page's doing: it is allowed on top.
        content = lesson_kilobytes(lesson)
        learner, instructor = bench.learner, bench.instructor
        return [
            ("catalogue, learner", learner, catalogue, Budget(10, 10, 40)),
            (
                f"course page with {size.items_of_largest} items, learner",
                learner,
                course,
                Budget(20, 15, 80),
            ),
            ("lesson, learner", learner, item(lesson), Budget(14, 12, 20 + content)),
            (
                f"dashboard, learner in {min(8, size.courses)} courses",
                learner,
                reverse("dashboard"),
                Budget(18, 12, 40),
            ),
            (
                f"discussion, {size.posts} posts, learner",
                learner,
                item(bench.entry("discussion"), "stream"),
                Budget(22, 15, 60),
            ),
            (
                "role-play step, learner",
                learner,
                item(bench.entry("role_play_solo")),
                Budget(12, 10, 20),
            ),
            (
                "workshop: own review page, learner",
                learner,
                item(workshop, f"review-{lease.pk}"),
                Budget(18, 14, 40),
            ),
            (
                f"workshop: overview, {min(50, size.works)} of {size.works}, instructor",
                instructor,
                reverse("teach_item", args=[run, workshop["key"]]),
                Budget(24, 15, 60),
            ),
            (
                f"run: {min(100, size.cohort)} of {size.cohort} participants, instructor",
                instructor,
                reverse("teach_run", args=[run]),
                Budget(40, 12, 60),
            ),
            (
                f"progress matrix, {min(100, size.cohort)} x {size.items}, instructor",
                instructor,
                reverse("teach_matrix", args=[run]),
                Budget(90, 15, 350),
            ),
            (
                f"participants, {min(100, size.cohort)} of {size.cohort}, instructor",
                instructor,
                reverse("teach_people", args=[run]),
                Budget(40, 15, 100),
            ),
            (
                "one participant, instructor",
                instructor,
                reverse("teach_person", args=[run, bench.run.enrolments.order_by("pk").first().pk]),
                Budget(60, 15, 250),
            ),
            (
                "agency report, 25 rows, administrator",
                bench.administrator,
                reverse("agency_report"),
                Budget(60, 15, 60),
            ),
            ("what needs an instructor", instructor, reverse("teach_needs"), Budget(24, 15, 40)),
            (
                f"gradebook, {min(100, size.cohort)} of {size.cohort}, instructor",
                instructor,
                reverse("teach_grades", args=[run]),
                Budget(90, 15, 350),
            ),
            (
                "my grades, learner",
                learner,
                reverse("my_grades", args=[slug]),
                Budget(25, 12, 60),
            ),
            (
                f"transcript, learner in {min(8, size.courses)} courses",
                learner,
                reverse("transcript"),
                Budget(18, 12, 40),
            ),
            (
                "catalogue, 20 found, learner"
                if size.courses >= 200
                else "catalogue, found, learner",
                learner,
                f"{catalogue}?{urlencode({'q': SEARCHED})}",
                Budget(15, 8, 30),
            ),
            (
                "search page, learner",
                learner,
                f"{reverse('search')}?{urlencode({'q': SEARCHED_PASSAGES})}",
                Budget(15, 8, 30),
            ),
            ("sign-in page, nobody", None, reverse("account_login"), Budget(8, 4, 12)),
        ]


def lesson_kilobytes(entry: dict) -> int:
    """Kilobytes of a lesson's own HTML."""
    version = ItemVersion.objects.get(item=entry["key"])
    return len(version.content("th").html.encode()) // 1000 + 1


def measure_pages(bench: Bench, rounds: int = 1) -> list[Measured]:
    """The figures of every page, an empty view first. Raises `measure.NotAnswered`.

    Of several rounds each page keeps its lowest time: what a machine does besides only ever adds.
    """
    settle()  # as the web server does
    found = measure_round(bench)
    for _n in range(rounds - 1):
        found = [calmer(*pair) for pair in zip(found, measure_round(bench), strict=True)]
    return found


def calmer(one: Measured, other: Measured) -> Measured:
    return min(one, other, key=lambda measured: measured.figures.cpu_ms)


@override_settings(DEBUG=False, ALLOWED_HOSTS=["testserver"])
def measure_round(bench: Bench) -> list[Measured]:
    clients = {None: Client(raise_request_exception=False)}
    for person in (bench.learner, bench.instructor, bench.administrator):
        clients[person.pk] = Client(raise_request_exception=False)
        clients[person.pk].force_login(person)
    with override_settings(ROOT_URLCONF="lms.operations.bench.empty_urls"):
        found = [Measured("empty view", measure.page(clients[bench.learner.pk], "/empty/"))]
    for name, person, url, budget in addresses(bench):
        client = clients[person.pk if person else None]
        found.append(Measured(name, measure.page(client, url), budget))
    return found


def measure_work(bench: Bench) -> list[Measured]:
    """What is done to a whole cohort at once."""
    size, cohort, now = bench.size, bench.run.key, timezone.now()
    reviewed, allocated = bench.entry("workshop")["key"], bench.entry("workshop", 1)["key"]
    return [
        Measured(
            f"review allocation for {size.cohort} x {size.reviews}",
            measure.undone(lambda: allocate_many(cohort, allocated, size.reviews, now)),
            Budget(300, 50),
        ),
        Measured(
            f"aggregate {size.works} submissions x {size.reviews}",
            measure.undone(lambda: aggregate_all(cohort, reviewed)),
            Budget(100, 10),
        ),
    ]


@override_settings(DEBUG=False, ALLOWED_HOSTS=["testserver"])
def measure_export(bench: Bench) -> measure.Export:
    """The agency report of everybody's enrolments as a file, the longest that there is."""
    client = Client(raise_request_exception=False)
    client.force_login(bench.administrator)
    with override("th"):
        return measure.export(client, reverse("agency_report_csv"))


def table(found: list[Measured]) -> list[str]:
    """Lines of a Markdown table."""
    unit = found[0].figures.cpu_ms
    lines = [
        "| Page | CPU ms | x empty view | queries | kB | kB gzip | budget ms / queries / kB | |",
        "|---|--:|--:|--:|--:|--:|---|---|",
    ]
    for row in found:
        f, budget = row.figures, row.budget
        size = f"{f.plain / 1000:.1f} | {f.compressed / 1000:.1f}" if f.plain else "| "
        allowed, verdict = "", ""
        if budget:
            over = budget.exceeded(f)
            verdict = f"over: {', '.join(over)}" if over else "OK"
            allowed = f"{budget.cpu_ms:g} / {budget.queries}"
            if budget.kilobytes is not None:
                allowed += f" / {budget.kilobytes}"
        queries = f"{f.queries} + {f.afterwards}" if f.afterwards else f"{f.queries}"
        lines.append(
            f"| {row.name} | {f.cpu_ms:.1f} | {f.cpu_ms / unit:.1f} | {queries} | {size} "
            f"| {allowed} | {verdict} |"
        )
    return lines
