"""What a kind of activity owes. One class per kind; the site talks to kinds through this only.

A kind is an ordinary Django app: its pages, its tables, its templates. It registers an instance
of its `ActivityKind` in `AppConfig.ready()`. Kinds of other packages are found by entry point
(`plugins.py`) and called behind a guard (`guard.py`); docs/plugins/ shows how to write one.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.http import FileResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from .advice import general_advice
from .enums import Category
from .errors import Refused
from .models import ItemVersion, Participation
from .needs import Need
from .pacing import Phase, Window


class Minutes(NamedTuple):
    """How an item's minutes count: listening, doing, neither. Whole minutes."""

    lecture: int = 0
    active: int = 0
    neutral: int = 0


@dataclass
class Visit:
    """A learner at an item, for the time of one request.

    `participation` is locked while `handle` runs and unsaved in a preview. `content` is in the
    learner's language and is for showing; `rules` is in the source language and decides. `windows`
    are the dates of a cohort, {phase: Window} with this learner's extensions in them; empty for
    those who learn at their own pace.
    """

    participation: Participation
    version: ItemVersion
    user: Any
    language: str
    base_url: str
    now: datetime = field(default_factory=timezone.now)
    is_preview: bool = False
    windows: dict[str, Window] = field(default_factory=dict)

    def late(self, phase: str) -> bool:
        """Whether what is done now in that phase comes after its date."""
        window = self.windows.get(phase)
        return window is not None and window.late(self.now)

    @property
    def content(self):
        return self.version.content(self.language)

    @property
    def rules(self):
        return self.version.rules

    def url(self, step: str = "") -> str:
        """The address of a step of this item."""
        return f"{self.base_url}{step}/" if step else self.base_url


@dataclass
class Desk:
    """An instructor at an item of a run: everybody's work, and what may be done about it."""

    version: ItemVersion
    cohort: UUID
    user: Any
    language: str
    base_url: str
    page: int = 1
    now: datetime = field(default_factory=timezone.now)
    # The people of the run (a queryset of users), also those who have not begun; None: not known.
    learners: Any = None

    @property
    def content(self):
        return self.version.content(self.language)

    @property
    def rules(self):
        return self.version.rules

    def url(self, step: str = "") -> str:
        return f"{self.base_url}{step}/" if step else self.base_url


@dataclass
class Screen:
    """What to show: a template that extends `learn/shell.html`, and its context."""

    template: str
    context: dict = field(default_factory=dict)
    status: int = 200


@dataclass
class Download:
    """A file instead of a screen: `screen` and `desk_screen` may give one for a step.

    Always to be kept, never shown in the site's own pages, and in nobody else's cache. `content` is
    an open file, a Django `File` or an iterator of bytes.
    """

    content: Any
    name: str
    media_type: str
    size: int | None = None

    def response(self):
        content = self.content
        if hasattr(content, "open"):
            content = content.open("rb")
        if hasattr(content, "read"):
            response = FileResponse(content, content_type=self.media_type)
        else:
            response = StreamingHttpResponse(content, content_type=self.media_type)
        response["Content-Disposition"] = content_disposition_header(True, self.name)
        if self.size is not None:
            response["Content-Length"] = self.size
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response


@dataclass
class Outcome:
    """What a learner's action led to: the step to show next and a sentence to say."""

    step: str = ""
    message: str = ""
    anchor: str = ""


@dataclass
class NextStep:
    """What a learner does next in an item; `minutes` is a guess, `due` may be None."""

    label: str
    minutes: int
    step: str = ""
    due: datetime | None = None


@dataclass
class Waiting:
    """What somebody waits for, and the date when it resolves by itself."""

    text: str
    until: datetime | None
    step: str = ""


@dataclass
class Submitted:
    """What a refused form held, so that it can be shown again as it was typed."""

    action: str
    data: Any
    error: Any


@dataclass(frozen=True)
class SearchPassage:
    """A part of an item that can be found by itself. `heading` "" is the item as a whole; `step` and
    `anchor` lead to the place; `document` is the id of a file whose text belongs here."""

    heading: str
    text: str
    step: str = ""
    anchor: str = ""
    document: int | None = None


@dataclass(frozen=True)
class SharedText:
    """What a learner wrote for others to read. `key` is unique in the kind; `audience` says for whom,
    in the words of `ActivityKind.shared_audiences`."""

    key: str
    audience: str
    text: str
    step: str
    written_at: datetime


@dataclass(frozen=True)
class Column:
    """A column that a kind adds to the table of a run's participants."""

    name: str
    label: Any


@dataclass(frozen=True)
class LivePart:
    """What an event looks like to somebody who may see it: `html` to put into the page, `data` for
    scripts. `event` is the id of the event; who receives it twice shows it once."""

    event: int
    html: str = ""
    data: dict = field(default_factory=dict)


class ActivityKind:
    """The duties of a kind. Methods without a default must be written.

    Names: `name` is stored in rows for ever; `label` is what people call it ("Discussion"),
    `method_label` how one learns with it ("Discuss"), both translatable; `icon` names a symbol of
    the theme's sprite.
    """

    api = 1
    name: str
    category: str
    page_model: type
    label: Any
    method_label: Any
    icon: str = "file"
    # Whether somebody who has begun goes on with the newest content (a lesson) instead of the
    # version that was begun (an activity: what is asked must not change under way).
    follows_release = False
    # What the kind tells people (`notices.Notice`); known to the site once the kind is.
    notices: tuple = ()
    # Its tables of transitions (`machine.Table`): what is not in them is refused.
    transitions: tuple = ()

    # -- authoring ------------------------------------------------------------------------------

    def ceiling(self, page) -> int | None:
        """The most minutes that the page's requirements account for; None when not limited."""
        return None

    def ceiling_advice(self, page) -> str:
        """How to bring what a page declares and what it accounts for together: a sentence in the
        current language that names a setting and the value at which it suffices. Only asked for
        when more is declared than `ceiling(page)`."""
        return general_advice(self.ceiling(page) or 0)

    def problems(self, page) -> list[str]:
        """What keeps the page from being offered, in the author's language. Empty when fine."""
        return []

    def floor(self, page) -> int | None:
        """The least minutes that it takes to read, watch and hear the page; None when unknown."""
        return None

    def remarks(self, page) -> list[str]:
        """What an author may want to look at, in the current language; it keeps nothing back."""
        return []

    def minutes(self, page) -> Minutes:
        """How the page counts. Activities: what is declared, at most the ceiling, 0 if optional."""
        if self.category == Category.LECTURE:
            return Minutes(lecture=page.minutes)
        if self.category == Category.NEUTRAL:
            return Minutes(neutral=page.minutes)
        if not page.required:
            return Minutes()
        ceiling = self.ceiling(page)
        return Minutes(active=page.minutes if ceiling is None else min(page.minutes, ceiling))

    def fingerprint(self, page) -> str:
        """What makes two activities of a course the same task; "" when that does not matter."""
        return ""

    def content(self, page) -> Any:
        """The page in a form that is quick to use; kept in memory, so it must not change."""
        return page

    def summary(self, content) -> str:
        """What one does here, in half a sentence, for the outline of the course."""
        return str(self.method_label)

    def expectations(self, content) -> list[str]:
        """What a learner should know before enrolling ("Give feedback on the work of 2 peers")."""
        return []

    def search_text(self, content) -> str:
        """The words by which the item is found. Nothing confidential, nothing learners wrote."""
        return ""

    def search_passages(self, content) -> list[SearchPassage]:
        """The same, in parts that can be found by themselves."""
        return [SearchPassage("", self.search_text(content))]

    def shared_texts(self, participation: Participation) -> list[SharedText]:
        """What this learner wrote here that others may read now."""
        return []

    def shared_audiences(self, participations) -> set[str]:
        """The audiences of shared texts that a person belongs to; `participations` are their own, in
        the courses that they take now (a queryset, of all kinds)."""
        return set()

    def templates(self) -> list[dict]:
        """Ready examples for authors to begin with, each in the languages of the site.

        {name, title: {th, en}, about: {th, en}, minutes, item}: `item` is what the kind's
        `course_file.from_course_file` reads. «…» marks what the author replaces.
        """
        return []

    def author_tools(self, page) -> list[tuple[Any, str, str]]:
        """(label, address, icon) of pages where an author works on a saved page in another way."""
        return []

    def preview_modes(self, page) -> list[tuple[str, Any]]:
        """(name, label) of the moments that an author can look at beside the beginning ("")."""
        return []

    def rehearse(self, visit, mode: str, step: str) -> Screen:
        """The screen of a preview mode: do what a learner would have done until then.

        `visit` is a `rehearsal.Rehearsal`; everything that is written is undone afterwards.
        Raises `Refused` for what is not there (yet).
        """
        raise Refused(_("There is no such preview."), code="unknown_mode", status=404)

    def preview(self, page, request, mode: str = ""):
        """The page as a learner will see it, before anything is offered; nothing is written."""
        if mode:
            from .previews import rehearsed

            return rehearsed(self, page, request, mode)
        version = ItemVersion(
            item=page.translation_key,
            kind=self.name,
            category=self.category,
            declared=page.minutes,
            required=page.required,
            source_language=page.locale.language_code,
            languages=[page.locale.language_code],
            texts={},
            digest="",
        )
        visit = PreviewVisit(
            participation=Participation(item=page.translation_key, version=version),
            version=version,
            user=request.user,
            language=page.locale.language_code,
            base_url="#",
            is_preview=True,
        )
        visit.page = page
        with override(page.locale.language_code):
            screen = self.screen(visit, "")
            return render(
                request, screen.template, preview_context(self, page, visit, "") | screen.context
            )

    # -- learning -------------------------------------------------------------------------------

    def screen(
        self, visit: Visit, step: str, submitted: Submitted | None = None
    ) -> Screen | Download:
        """What the learner sees at `step` ("" is wherever the learner is now).

        Raises `Refused` with status 404 for a step that is not there, 403 for a wall.
        """
        raise NotImplementedError

    def receive(self, step: str, action: str, files):
        """What `handle` gets as `files`. Runs before the transaction begins and anything is locked:
        the place for what takes long, such as checking and cleaning files. Raises `Refused`."""
        return files

    def handle(self, visit: Visit, step: str, action: str, data, files) -> Outcome:
        """What the learner does. Runs in a transaction with the participation locked.

        Raises `Refused`: the screen is shown again with what was typed.
        """
        raise NotImplementedError

    # What may have dates of its own in a cohort, in the order in which it comes.
    phases: tuple[Phase, ...] = (Phase("work", gettext_lazy("Do it")),)

    def phase_of(self, step: str, action: str) -> str:
        """The phase that an action belongs to: it is refused outside that phase's dates. "" for what
        is possible at any time (reading one's results, saving a draft)."""
        return self.phases[0].name if self.phases else ""

    def next_step(self, participation: Participation) -> NextStep | None:
        """What the learner does next here, or None when there is nothing to do."""
        return None

    def waiting(self, participation: Participation) -> list[Waiting]:
        """For whom or what the learner waits. Every waiting has a date when it ends by itself."""
        return []

    def advance(self, participation: Participation) -> None:
        """Bring the state up to date with the clock; called when somebody looks, and nightly."""

    def score(self, participation: Participation) -> Any:
        """What was achieved, 0 to 100, or None while that is not known.

        A kind may call `record(score=…)` whenever something changes, or write this: it is asked
        after each of the learner's actions, and the answer is recorded.
        """
        return participation.computed_score

    def is_complete(self, participation: Participation) -> bool:
        """Whether everything that is asked was done. Like `score`, for kinds that do not record it
        themselves. Once complete, always complete."""
        return participation.completed

    def visible_events(self, visit: Visit, events: list) -> list[LivePart]:
        """Of these new events (`models.Event`) of the item in the learner's cohort those that this
        learner may see, in their order. Nothing by default: a log is no news."""
        return []

    # -- facilitating ---------------------------------------------------------------------------

    has_desk = False

    def desk_screen(
        self, desk: Desk, step: str, submitted: Submitted | None = None
    ) -> Screen | Download:
        """What an instructor sees: a template that extends `teach/item_shell.html`.

        Only called when `has_desk`; the caller has checked that the run is the instructor's.
        """
        raise NotImplementedError

    def desk_handle(self, desk: Desk, step: str, action: str, data, files) -> Outcome:
        """What an instructor does. Runs in a transaction. Raises `Refused`."""
        raise NotImplementedError

    def desk_events(self, desk: Desk, events: list) -> list[LivePart]:
        """Of these new events of the item in the run those that are news at the desk, in their order.
        Nothing by default: only a desk that asks for news needs them."""
        return []

    def needs(self, cohorts, now: datetime) -> list[Need]:
        """What waits for an instructor in these cohorts, however many they are: one query.

        `cohorts` is a query or a list of keys, to be used with `cohort__in`. Each need leads to a step of the
        item's desk, so only kinds that have one answer.
        """
        return []

    def open_to_instructor(self, participation: Participation, by) -> bool:
        """Whether an instructor of the run may see the item as this learner sees it, read-only. No by
        default: what a learner wrote for nobody, or under another name, stays so."""
        return False

    def handed_in(self, cohort, seats: list) -> set:
        """{(seat, item)} of those of these learners whose work has been handed in here, though the
        item is not complete yet. One query at most; nothing by default."""
        return set()

    def report_columns(self, version: ItemVersion) -> list[Column]:
        """What the table of participants says about this item beside its progress."""
        return []

    def report_rows(self, version: ItemVersion, participations: list[Participation]) -> dict:
        """{participation.pk: {column name: value}} for some participants at once; the number of
        queries must not depend on how many they are."""
        return {}

    # -- people ---------------------------------------------------------------------------------

    def personal_data(self, user) -> dict:
        """What this kind knows about a person, as JSON-able data for an export."""
        return {}

    def erase(self, user) -> None:
        """Forget what can be forgotten about a person; others' threads stay readable."""

    def __repr__(self):
        return f"<{type(self).__name__} {self.name}>"


class PreviewVisit(Visit):
    """A visit to a page that is not offered yet: content comes from the page itself."""

    @property
    def content(self):
        from . import registry

        return registry.get(self.version.kind).content(self.page)

    @property
    def rules(self):
        return self.content

    def url(self, step: str = "") -> str:
        return "#"


def preview_context(kind, page, visit, mode: str) -> dict:
    """What the player's shell needs in a preview."""
    modes = page.preview_modes
    return {
        "visit": visit,
        "is_preview": True,
        "preview_modes": [
            {"label": label, "url": f"?mode={name}", "current": name == mode.partition(".")[0]}
            for name, label in modes
        ]
        if len(modes) > 1
        else [],
        "item": {
            "title": page.title,
            "minutes": page.minutes,
            "icon": kind.icon,
            "method_label": kind.method_label,
            "category": kind.category,
            "n": 1,
            "count": 1,
        },
    }


def item_url(course_slug: str, item_slug: str, step: str = "") -> str:
    """The address of an item in the player."""
    if step:
        return reverse("item_step", args=[course_slug, item_slug, step])
    return reverse("item", args=[course_slug, item_slug])
