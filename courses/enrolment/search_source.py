"""What can be found of courses, of what people wrote to one another, and of the site's own pages.

Courses are indexed from their releases alone, so a draft is never found. Facts that the course page
shows are public; what items say is for those who are enrolled, teach or author; posts are for the
people of a discussion who have answered themselves.
"""

import hashlib
from collections.abc import Iterable, Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import override

from activities.core import guard, registry
from activities.core.models import Participation
from courses.catalogue.models import ArticlePage, Level, SeminarReportPage
from courses.releases.delivery import in_language, served, served_state
from courses.releases.models import CourseState, ReleaseItem
from courses.releases.settle import SEARCH_SOURCE
from search.contract import COURSE, PEOPLE, PUBLIC, Passage, Viewer
from search.documents import text_of
from search.passages import parts

from .models import CourseRun, Enrolment
from .pages import outcomes_of
from .progress import item_minutes, totals
from .rules import INSTRUCTORS, group_names, manages_all
from .terms import skill_groups, target_groups

# Raised when the same release gives other passages than before.
FORM = 1
TITLE_LENGTH = 500


class Courses:
    """The courses on offer; a group is a course. Of a withdrawn course only those who are enrolled, who
    go on with it, find what its items say."""

    name = SEARCH_SOURCE

    def groups(self) -> Iterable[tuple[str, str]]:
        states = CourseState.objects.filter(served__isnull=False).order_by("pk")
        for course, current, last in states.values_list("course", "current", "served"):
            yield str(course), self.stamp_of(current, last)

    def stamp(self, group: str) -> str | None:
        state = CourseState.objects.filter(course=group, served__isnull=False).first()
        return self.stamp_of(state.current_id, state.served_id) if state else None

    def stamp_of(self, current: int | None, last: int) -> str:
        return f"{FORM}:{last}" if current else f"{FORM}:{last}:closed"

    def passages(self, group: str) -> Iterator[Passage]:
        state = served_state(group)
        if state is None:
            return
        versions = {
            str(entry.version.item): entry.version
            for entry in ReleaseItem.objects.filter(release=state.served).select_related("version")
        }
        for language in state.served.texts:
            yield from CourseInLanguage(state, language).passages(versions)

    def viewer(self, user) -> Viewer:
        if not user.is_authenticated:
            return Viewer()
        if manages_all(user) or INSTRUCTORS in group_names(user):
            return Viewer(scopes=frozenset([PUBLIC, COURSE]))
        seats = Enrolment.objects.filter(user=user).exclude(state=Enrolment.State.WITHDRAWN)
        courses = seats.order_by().values_list("run__course", flat=True)
        return Viewer(tokens=frozenset(audience_of(course) for course in courses))

    def facet_labels(self, language: str) -> dict[str, dict[str, str]]:
        return {
            "type": {
                "course": _("Courses"),
                "lesson": _("Lessons"),
                "activity": _("Activities"),
            },
            "group": {term["key"]: term[language] for term in target_groups().values()},
            "skill": {term["key"]: term[language] for term in skill_groups().values()},
            "method": {kind.name: str(kind.label) for kind in registry.all_kinds()},
            "level": {value: str(label) for value, label in Level.choices},
        }


def audience_of(course) -> str:
    return f"course:{course}"


class CourseInLanguage:
    """The passages of one release in one language."""

    def __init__(self, state: CourseState, language: str):
        self.release, self.outline = state.served, state.served.outline
        self.closed = state.closed
        self.course, self.language = str(state.course), language
        self.title = in_language(self.outline["titles"], language)
        self.slug = self.outline["slug"]
        groups, skills = target_groups(), skill_groups()
        self.labels = {
            "group": named(groups, self.outline["target_groups"]),
            "skill": named(skills, self.outline["skill_groups"]),
            "level": (self.outline["level"],),
            "language": (language,),
        }

    def passage(self, name: str, title: str, body: str, *, suffix: str = "", **fields) -> Passage:
        unit = f"{SEARCH_SOURCE}:{self.course}:{name}"
        labels = self.labels | fields.pop("labels", {})
        return Passage(
            key=":".join(filter(None, [unit, suffix, self.language])),
            unit=unit,
            title=title[:TITLE_LENGTH],
            body=body,
            language=self.language,
            course=self.course,
            updated=self.release.created_at,
            labels=labels,
            **fields,
        )

    def passages(self, versions: dict) -> Iterator[Passage]:
        with override(self.language):
            if not self.closed:
                yield self.about()
                for n, section in enumerate(self.outline["sections"]):
                    yield self.section(n, section)
            for item in self.outline["items"]:
                yield from self.item(item, versions[item["key"]])

    def about(self) -> Passage:
        text = self.release.texts[self.language]
        outcomes = outcomes_of(text)
        methods = [item["kind"] for item in self.outline["items"] if item["category"] == "active"]
        return self.passage(
            "about",
            self.title,
            "\n".join([text["summary"], *outcomes, self.outline["code"]]),
            kind="course",
            minutes=totals(self.outline)["total"],
            url=reverse("course", args=[self.slug]),
            labels={"method": tuple(dict.fromkeys(methods)), "type": ("course",)},
        )

    def section(self, n: int, titles: dict) -> Passage:
        items = [item for item in self.outline["items"] if item["section"] == n]
        return self.passage(
            f"section-{n}",
            in_language(titles, self.language),
            "\n".join(in_language(item["titles"], self.language) for item in items),
            kind="section",
            minutes=sum(item_minutes(item) for item in items),
            url=reverse("course", args=[self.slug]),
            trail=(self.title,),
            labels={"type": ("course",)},
        )

    def item(self, item: dict, version) -> Iterator[Passage]:
        """The item's name for everybody; what it says for those who may open it."""
        title = in_language(item["titles"], self.language)
        labels = {
            "method": (item["kind"],),
            "type": ("lesson" if item["category"] == "lecture" else "activity",),
        }
        common = {"kind": item["kind"], "minutes": item_minutes(item), "labels": labels}
        name, summary = f"item-{item['key']}", in_language(item["summaries"], self.language)
        # Nobody but the enrolled can open an item of a withdrawn course.
        scope = PEOPLE if self.closed else COURSE
        inside = {"scope": scope, "audience": audience_of(self.course)}
        # The same unit twice: it leads everybody to the course, and into the item who may open it.
        if not self.closed:
            yield self.passage(
                name,
                title,
                summary,
                url=reverse("course", args=[self.slug]),
                trail=(self.title,),
                **common,
            )
        yield self.passage(
            name,
            title,
            summary,
            suffix="open",
            url=reverse("item", args=[self.slug, item["slug"]]),
            trail=(self.title,),
            **inside,
            **common,
        )
        try:
            kind = registry.get(version.kind)
            found = kind.search_passages(version.content(self.language))
        except registry.UnknownKind:  # the item is found by its title
            return
        for n, part in enumerate(found):
            text = text_of(part.document) if part.document else strip_tags(part.text)
            address = item_address(self.slug, item["slug"], part)
            for m, piece in enumerate(parts(text)):
                yield self.passage(
                    f"{name}-{n}-{m}",
                    part.heading or title,
                    piece,
                    url=address,
                    trail=(self.title, title) if part.heading else (self.title,),
                    **inside,
                    **common,
                )


def named(terms: dict, keys: Iterable[int]) -> tuple[str, ...]:
    return tuple(terms[key]["key"] for key in keys if key in terms)


def item_address(course: str, item: str, part) -> str:
    name, args = ("item_step", [part.step]) if part.step else ("item", [])
    address = reverse(name, args=[course, item, *args])
    return f"{address}#{part.anchor}" if part.anchor else address


class Posts:
    """What learners wrote for one another; a group is one learner in one item."""

    name = "posts"

    def kinds(self) -> list[str]:
        return [
            kind.name for kind in registry.all_kinds() if guard.implements(kind, "shared_texts")
        ]

    def rows(self):
        """The participations whose texts can be found: in runs of courses that people learn in."""
        runs = CourseRun.objects.filter(course__in=served().values("course"))
        return Participation.objects.filter(
            version__kind__in=self.kinds(), cohort__in=runs.values("key")
        ).select_related("version")

    def groups(self) -> Iterable[tuple[str, str]]:
        for participation in self.rows().order_by("pk").iterator(chunk_size=500):
            stamp = stamp_of_texts(texts_of(participation))
            if stamp is not None:
                yield str(participation.pk), stamp

    def stamp(self, group: str) -> str | None:
        participation = self.rows().filter(pk=group).first()
        return stamp_of_texts(texts_of(participation)) if participation else None

    def passages(self, group: str) -> Iterator[Passage]:
        participation = self.rows().filter(pk=group).first()
        run = participation and CourseRun.objects.filter(key=participation.cohort).first()
        state = served_state(run.course) if run else None
        if state is None:
            return
        outline = state.served.outline
        item = next((i for i in outline["items"] if i["key"] == str(participation.item)), None)
        if item is None:
            return
        language = participation.version.source_language
        with override(language):
            for text in texts_of(participation):
                url = reverse("item_step", args=[outline["slug"], item["slug"], text.step])
                yield Passage(
                    key=f"posts:{participation.version.kind}:{text.key}",
                    unit=f"posts:{participation.version.kind}:{text.key}",
                    title=in_language(item["titles"], language)[:TITLE_LENGTH],
                    body=text.text,
                    kind="post",
                    language=language,
                    url=url,
                    updated=text.written_at,
                    trail=(in_language(outline["titles"], language),),
                    course=str(run.course),
                    scope=PEOPLE,
                    audience=f"posts:{text.audience}",
                    labels={"type": ("post",), "language": (language,)},
                )

    def viewer(self, user) -> Viewer:
        if not user.is_authenticated:
            return Viewer()
        # Who has left a course no longer reads what is written there.
        seats = Enrolment.objects.filter(user=user).exclude(state=Enrolment.State.WITHDRAWN)
        mine = self.rows().filter(user=user, seat__in=seats.values("seat"))
        return Viewer(
            tokens=frozenset(
                f"posts:{audience}"
                for name in self.kinds()
                for audience in audiences_of(name, mine)
            )
        )

    def facet_labels(self, language: str) -> dict[str, dict[str, str]]:
        return {"type": {"post": _("Contributions to discussions")}}


def audiences_of(name: str, mine) -> set[str]:
    """Who a person is to a kind; to one that fails, nobody."""
    try:
        return registry.get(name).shared_audiences(mine)
    except registry.UnknownKind:
        return set()


def texts_of(participation: Participation) -> list:
    try:
        return registry.get(participation.version.kind).shared_texts(participation)
    except registry.UnknownKind:
        return []


def stamp_of_texts(texts: list) -> str | None:
    if not texts:
        return None
    said = "\n".join(f"{text.key} {text.audience} {text.step} {text.text}" for text in texts)
    return f"{FORM}:{hashlib.sha256(said.encode()).hexdigest()[:40]}"


class SitePages:
    """Articles and reports of seminars; a group is a page. Pages behind a restriction are not found."""

    name = "pages"
    models = (ArticlePage, SeminarReportPage)

    def query(self, model):
        return model.objects.live().public().select_related("locale")

    def groups(self) -> Iterable[tuple[str, str]]:
        for model in self.models:
            for page in self.query(model).order_by("pk"):
                yield str(page.pk), self.stamp_of(page)

    def page(self, group: str):
        for model in self.models:
            if page := self.query(model).filter(pk=group).first():
                return page
        return None

    def stamp(self, group: str) -> str | None:
        page = self.page(group)
        return self.stamp_of(page) if page else None

    def stamp_of(self, page) -> str:
        return f"{FORM}:{page.live_revision_id}:{page.last_published_at or ''}:{page.url_path}"[:80]

    def passages(self, group: str) -> Iterator[Passage]:
        page = self.page(group)
        if page is None or page.url is None:
            return
        texts = page.body.stream_block.get_searchable_content(page.body) if page.body else []
        language = page.locale.language_code
        unit = f"pages:{page.translation_key}"
        for n, piece in enumerate(parts(strip_tags("\n".join(texts))) or [""]):
            yield Passage(
                key=f"{unit}:{n}:{language}",
                unit=f"{unit}:{n}",
                title=page.title,
                body=piece,
                kind="page",
                language=language,
                url=page.url,
                # Pages that an import has put in live have no date of their own.
                updated=page.last_published_at or page.latest_revision_created_at or timezone.now(),
                labels={"type": ("page",), "language": (language,)},
            )

    def viewer(self, user) -> Viewer:
        return Viewer()

    def facet_labels(self, language: str) -> dict[str, dict[str, str]]:
        return {"type": {"page": _("Articles and reports")}}
