"""From what somebody typed to what they see: one way for the page, the suggestions and the API.

The engine gives numbers; everything shown is read from the passages' table with the permission asked
once more, so that not even a broken index can show what somebody may not read.
"""

import logging
from collections import Counter
from dataclasses import dataclass, field

from django.core.cache import cache
from django.core.paginator import Paginator

from . import engines, sources, spelling
from .analysis import squeezed
from .contract import PUBLIC, EngineDown, Narrowing, Viewer
from .highlight import Piece, excerpt, marked
from .models import PassageRow, PromotedResult
from .question import Question, ask
from .thai import normalise

logger = logging.getLogger("sala.search")

# Facets and pages are of the best so many passages: nobody reads on further.
MOST = 200
# Twenty passages at most on a page: the best two of each of ten courses, and a link to the rest.
PER_PAGE = 10
PER_GROUP = 2
FACETS = ("type", "group", "skill", "method", "level", "language")
SUGGESTIONS = 8
SIMILAR = 3
PROMOTED = "search-promoted"
KEPT_SECONDS = 60


@dataclass
class Hit:
    """A passage as it is shown."""

    row: PassageRow
    title: list[Piece]
    excerpt: list[Piece]


@dataclass
class Group:
    """The hits of one course (or of one page), best first. `more` were found but not shown."""

    course: str
    title: str
    hits: list[Hit]
    more: int = 0
    url: str = ""


@dataclass
class Facet:
    """{value: how many groups of results have it, or passages as in `Results.total`}; `chosen` are the
    values asked for."""

    name: str
    counts: dict[str, int]
    chosen: tuple[str, ...] = ()


@dataclass
class Results:
    """`total` is of groups; of passages where the results are those of one course."""

    question: Question
    groups: list[Group] = field(default_factory=list)
    total: int = 0
    page: object = None
    facets: list[Facet] = field(default_factory=list)
    promoted: list[PromotedResult] = field(default_factory=list)
    did_you_mean: str = ""
    # The preferred engine did not answer, the database did.
    degraded: bool = False
    without: list[tuple[str, str]] = field(default_factory=list)
    # (title, address) of courses that come close when nothing was found.
    similar: list[tuple[str, str]] = field(default_factory=list)


def numbers(
    question: Question, viewer: Viewer, narrowing: Narrowing, limit: int, titles_only: bool = False
) -> tuple[list[int], bool]:
    """What the first engine that answers finds, and whether it is not the preferred one.

    Raises `EngineDown` when none answers.
    """
    for n, engine in enumerate(every := engines.every()):
        try:
            found = engine.search(question, viewer, narrowing, limit, titles_only)
            return found, n > 0
        except EngineDown as error:
            if n == len(every) - 1:
                raise
            logger.warning("%s does not answer (%s): the database does", engine.name, error)
    return [], False


def passages(
    question: Question, viewer: Viewer, narrowing: Narrowing, limit: int, titles_only: bool = False
) -> tuple[list[PassageRow], bool]:
    """The passages found, best first, without those that the viewer may not read; and whether the
    preferred engine did not answer. Raises `EngineDown`.

    Passages that changed between the engine's answer and the reading of the table have new numbers
    by then, so what is not there any more is searched for once more.
    """
    found, degraded = numbers(question, viewer, narrowing, limit, titles_only)
    # Titles are asked for at every letter that somebody types: bodies are long to read.
    table = PassageRow.objects.defer(*(("body", "trail", "labels") if titles_only else ()))
    rows = table.in_bulk(found)
    if len(rows) < len(found):
        found, degraded = numbers(question, viewer, narrowing, limit, titles_only)
        rows = table.in_bulk(found)
    here = [rows[number] for number in found if number in rows]
    return [row for row in here if may_read(row, viewer)], degraded


def may_read(row: PassageRow, viewer: Viewer) -> bool:
    """Asked once more of the passage itself: an index may be behind or broken."""
    return row.scope in viewer.scopes or row.audience in viewer.tokens


def find(
    typed: str,
    viewer: Viewer,
    *,
    language: str,
    chosen: dict[str, tuple[str, ...]] | None = None,
    course: str = "",
    page: int | str = 1,
    per_page: int = PER_PAGE,
) -> Results:
    """The results of a search. `chosen` are facets, {name: values}; unknown names are ignored."""
    question = ask(typed)
    chosen = {name: values for name, values in (chosen or {}).items() if name in FACETS and values}
    results = Results(question)
    if question.empty:
        return results
    close, results.degraded = passages(question, viewer, Narrowing(chosen, course), MOST)
    rows = one_language([row for row in close if fits(question, row)], language)
    grouped = by_course(rows)
    if course:
        # In one course its places are what is counted and paged through.
        results.total = len(rows)
        results.page = Paginator(rows, per_page * PER_GROUP).get_page(page)
        results.groups = groups([list(results.page)] if rows else [], question, language, most=None)
    else:
        results.total = len(grouped)
        results.page = Paginator(list(grouped), per_page).get_page(page)
        results.groups = groups([grouped[key] for key in results.page], question, language)
    results.facets = facets(rows, chosen, places=bool(course))
    if results.page.number == 1 and not chosen and not course:
        results.promoted = promoted(question, language)
    if not direct_hit(results, question):
        results.did_you_mean = spelling.better(question)
    if not rows:
        results.without = fewer(question, chosen)
        courses = list(dict.fromkeys(row.course for row in close if row.course))[:SIMILAR]
        titles = course_titles(courses, language)
        results.similar = [titles[course] for course in courses if course in titles]
    return results


def fits(question: Question, row: PassageRow) -> bool:
    return spelling.relevant(question, normalise("\n".join([row.title, *row.trail, row.body])))


def one_language(rows: list[PassageRow], language: str) -> list[PassageRow]:
    """Each unit once: in the reader's language if it was found in that, else in another; of the same
    language the one that is not for everybody, since it leads further in. The best place in the
    list stays with the unit."""

    def rank(row: PassageRow) -> tuple:
        return row.language == language, row.scope != PUBLIC

    kept: dict[str, PassageRow] = {}
    for row in rows:
        known = kept.get(row.unit)
        if known is None or rank(row) > rank(known):
            kept[row.unit] = row
    return list(kept.values())


def by_course(rows: list[PassageRow]) -> dict[str, list[PassageRow]]:
    grouped: dict[str, list[PassageRow]] = {}
    for row in rows:
        grouped.setdefault(row.course or row.unit.rsplit(":", 1)[0], []).append(row)
    return grouped


def groups(shown, question: Question, language: str, most: int | None = PER_GROUP) -> list[Group]:
    """The groups, given their passages, with the best `most` of these; with None with all."""
    titles = course_titles([rows[0].course for rows in shown if rows[0].course], language)
    result = []
    for rows in shown:
        hits = [
            Hit(row, marked(row.title, question), excerpt(row.body, question))
            for row in rows[:most]
        ]
        title, url = titles.get(rows[0].course) or (rows[0].title, rows[0].url)
        result.append(Group(rows[0].course, title, hits, len(rows) - len(hits), url))
    return result


def course_titles(courses: list[str], language: str) -> dict[str, tuple[str, str]]:
    """{course: (title, address)} from the passages about the courses, which everybody may read; kept for a
    minute."""
    names = {f"search-course:{language}:{course}": course for course in courses}
    kept = cache.get_many(names)
    titles: dict[str, tuple[str, str]] = {names[name]: found for name, found in kept.items()}
    if missing := [course for name, course in names.items() if name not in kept]:
        fresh: dict[str, tuple[str, str]] = {}
        rows = PassageRow.objects.filter(course__in=missing, kind="course", scope=PUBLIC)
        for course, title, url, spoken in rows.values_list("course", "title", "url", "language"):
            if spoken == language or course not in fresh:
                fresh[course] = (title, url)
        cache.set_many(
            {f"search-course:{language}:{course}": found for course, found in fresh.items()},
            KEPT_SECONDS,
        )
        titles |= fresh
    return titles


def facets(rows: list[PassageRow], chosen: dict, *, places: bool = False) -> list[Facet]:
    """How many groups have each value, among what was found; with `places` how many passages."""
    result = []
    for name in FACETS:
        values: dict[str, set[str]] = {}
        for row in rows:
            for value in row.labels.get(name, ()):
                values.setdefault(value, set()).add(row.unit if places else row.course or row.unit)
        counts = Counter({value: len(having) for value, having in values.items()})
        for value in chosen.get(name, ()):
            counts.setdefault(value, 0)
        if len(counts) > 1 or name in chosen:
            result.append(Facet(name, dict(counts.most_common()), chosen.get(name, ())))
    return result


def promoted(question: Question, language: str) -> list[PromotedResult]:
    rows = cache.get(PROMOTED)
    if rows is None:
        rows = list(PromotedResult.objects.order_by("pk"))
        cache.set(PROMOTED, rows, KEPT_SECONDS)
    return [row for row in rows if row.language in ("", language) and question.text in row.forms()]


def direct_hit(results: Results, question: Question) -> bool:
    """Whether something that was found holds what was typed, letter for letter."""
    for group in results.groups:
        for hit in group.hits:
            for pieces in (hit.title, hit.excerpt):
                for piece in pieces:
                    if piece.found and question.text in squeezed(normalise(piece.text)):
                        return True
    return False


def fewer(question: Question, chosen: dict) -> list[tuple[str, str]]:
    """What to leave out when nothing was found: ("facet", name) or ("word", the rest without it)."""
    ways = [("facet", name) for name in chosen]
    words: list[str] = []
    for part in question.typed.split():
        if words and not squeezed(normalise(part)):
            words[-1] += f" {part}"  # a sign (ๆ) belongs to the word before it
        else:
            words.append(part)
    if 1 < len(words) <= 6:
        ways += [("word", " ".join(words[:n] + words[n + 1 :])) for n in range(len(words))]
    return ways


def suggest(typed: str, viewer: Viewer, language: str) -> list[PassageRow]:
    """Titles that go with what has been typed so far, half words and typing errors included."""
    question = ask(typed)
    if question.empty:
        return []
    found, _degraded = passages(question, viewer, Narrowing(), 40, titles_only=True)
    rows = one_language(found, language)
    kept: dict[str, PassageRow] = {}
    for row in sorted(rows, key=lambda row: row.language != language):
        kept.setdefault(row.title, row)
    close = [row for row in kept.values() if spelling.resembles(question.text, row.title)]
    return close[:SUGGESTIONS]


def search(typed: str, user, **how) -> Results:
    """`find` for a person. Whoever answers with it has it counted: `counting.count_after`."""
    return find(typed, sources.viewer_for(user), **how)
