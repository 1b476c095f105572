"""The catalogue: offered courses in a form that is quick to filter and count.

The whole list of offered courses, in brief, is kept in memory until the offer changes; filters
and counts are then set operations, whatever is combined.
"""

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import urlencode

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from activities.core import registry
from courses.releases.delivery import catalogue_stamp, in_language, offered

from .progress import strip, totals
from .terms import skill_groups, target_groups

PAGE_SIZE = 12
RESULTS = 20
CARD_SUMMARY = 120
BANDS = (("under-2", 0, 120), ("2-5", 120, 300), ("over-5", 300, 10**9))

_lock = Lock()
_kept: dict = {"stamp": None, "entries": [], "counts": {}}


@dataclass(frozen=True)
class Entry:
    """An offered course in brief. `facets` maps a facet to the values the course has, `segments` is
    what `minute_strip` draws, `summaries` are cut to what a card shows."""

    course: str
    slug: str
    code: str
    titles: dict
    summaries: dict
    minutes: int
    active_percent: int
    segments: tuple
    facets: dict = field(hash=False)
    words: str = ""


def entries() -> list[Entry]:
    """All offered courses, newest offer first."""
    return _current()["entries"]


def _current() -> dict:
    """What is kept of the offer: {entries, counts: {facet: {value: courses}} of what a course has}."""
    global _kept
    stamp = catalogue_stamp()
    with _lock:
        if _kept["stamp"] == stamp:
            return _kept
    built = [entry_of(state) for state in offered().order_by("-current__created_at", "-pk")]
    counts = {facet: tally(built, facet, {}) for facet in FACETS if facet != "start"}
    with _lock:
        _kept = {"stamp": stamp, "entries": built, "counts": counts}
        return _kept


def forget() -> None:
    global _kept
    with _lock:
        _kept = {"stamp": None, "entries": [], "counts": {}}


def entry_of(state) -> Entry:
    outline = state.current.outline
    sums = totals(outline)
    methods = [item["kind"] for item in outline["items"] if item["category"] == "active"]
    minutes = sums["total"]
    return Entry(
        course=str(state.course),
        slug=outline["slug"],
        code=outline["code"],
        titles=outline["titles"],
        summaries={
            language: Truncator(text).chars(CARD_SUMMARY)
            for language, text in outline["summaries"].items()
        },
        minutes=minutes,
        active_percent=sums["active_percent"],
        segments=strip(outline),
        facets={
            "group": frozenset(outline["target_groups"]),
            "skill": frozenset(outline["skill_groups"]),
            "method": frozenset(methods),
            "time": frozenset(name for name, low, high in BANDS if low < minutes <= high),
            "pace": frozenset([outline["pacing"]]),
        },
        words="\n".join(
            [outline["code"], *outline["titles"].values(), *outline["summaries"].values()]
        ).lower(),
    )


def band_label(name: str) -> str:
    return {
        "under-2": _("Up to 2 hours"),
        "2-5": _("2 to 5 hours"),
        "over-5": _("More than 5 hours"),
    }[name]


def facet_values(language: str) -> dict[str, list[tuple]]:
    """{facet: [(value in entries, name in the address, label)]} in reading order."""

    def from_terms(table: dict) -> list[tuple]:
        return [
            (pk, f"{term['order'][0]}-{term['key']}", term[language])
            for pk, term in sorted(table.items(), key=lambda pair: pair[1]["order"])
        ]

    methods = [
        (kind.name, kind.name, str(kind.label))
        for kind in registry.all_kinds()
        if kind.category == "active"
    ]
    return {
        "group": from_terms(target_groups()),
        "skill": from_terms(skill_groups()),
        "method": methods,
        "time": [(name, name, band_label(name)) for name, _low, _high in BANDS],
        "pace": [
            ("rolling", "rolling", _("Learn at any time")),
            ("cohort", "cohort", _("Learn with a cohort")),
        ],
        "start": [
            ("now", "now", _("At once")),
            ("soon", "soon", _("Within 30 days")),
            ("later", "later", _("Later")),
        ],
    }


FACETS = ("group", "skill", "method", "time", "pace", "start")


def facet_label(facet: str) -> str:
    return {
        "group": _("For whom"),
        "skill": _("Skill group"),
        "method": _("Way of doing"),
        "time": _("Time"),
        "pace": _("Pace"),
        "start": _("Next start"),
    }[facet]


def values_of(entry: Entry, facet: str, starts: dict[str, set]) -> frozenset | set:
    """The values that a course has in a facet. Who learns at any time begins at once."""
    if facet != "start":
        return entry.facets[facet]
    found = starts.get(entry.course, set())
    return found | {"now"} if "rolling" in entry.facets["pace"] else found


def tally(courses: list[Entry], facet: str, starts: dict[str, set]) -> Counter:
    """{value: how many of these courses have it}"""
    return Counter(value for entry in courses for value in values_of(entry, facet, starts))


def matches(entry: Entry, q: str, chosen: dict, starts: dict[str, set]) -> bool:
    if q and not all(word in entry.words for word in q.lower().split()):
        return False
    return all(value in values_of(entry, facet, starts) for facet, value in chosen.items())


def browse(params, path: str, language: str, starts: dict[str, set] | None = None) -> dict:
    """The catalogue page for GET parameters: one value per facet, `q`, `page`. `starts` is
    `offers.starts()` for whoever looks.

    Every facet is a plain link with the number of courses it leads to; one that leads nowhere is
    shown disabled. Unknown values are ignored.
    """
    kept, starts = _current(), starts or {}
    everything = kept["entries"]
    q = (params.get("q") or "").strip()[:100]
    values = facet_values(language)
    used = {**kept["counts"], "start": tally(everything, "start", starts)}
    chosen, names = {}, {}
    for facet in FACETS:
        for value, name, label in values[facet]:
            if params.get(facet) == name:
                chosen[facet], names[facet] = value, (name, label)

    def address(without: str | None = None, **change) -> str:
        query = {facet: name for facet, (name, _label) in names.items() if facet != without}
        query.update(change)
        if q and without != "q":
            query["q"] = q
        return f"{path}?{urlencode(query)}" if query else path

    def matching(conditions: dict) -> list[Entry]:
        if not q and not conditions:
            return everything
        return [entry for entry in everything if matches(entry, q, conditions, starts)]

    found = matching(chosen)
    facets = []
    for facet in FACETS:
        pool = found
        if facet in chosen:
            pool = matching({name: value for name, value in chosen.items() if name != facet})
        counts = used[facet] if pool is everything else tally(pool, facet, starts)
        options = []
        for value, name, label in values[facet]:
            if value not in used[facet]:
                continue
            count = counts[value]
            selected = chosen.get(facet) == value
            options.append(
                {
                    "label": label,
                    "count": count,
                    "url": address(without=facet) if selected else address(**{facet: name}),
                    "selected": selected,
                    "disabled": not count,
                }
            )
        if options:
            facets.append({"label": facet_label(facet), "name": facet, "options": options})
    suggestions = []
    if not found:
        for facet, (_name, label) in names.items():
            suggestions.append(
                {
                    "label": _("without “%(filter)s”") % {"filter": label},
                    "url": address(without=facet),
                }
            )
        if q:
            suggestions.append(
                {
                    "label": _("without the words “%(words)s”") % {"words": q},
                    "url": address(without="q"),
                }
            )
    return {
        "q": q,
        "found": found,
        "facets": facets,
        "selected": [
            {"label": label, "remove_url": address(without=facet)}
            for facet, (_name, label) in names.items()
        ],
        "suggestions": suggestions,
        "clear_url": path,
        "hidden": [(facet, name) for facet, (name, _label) in names.items()],
        "query": address()[len(path) :].lstrip("?"),
    }


def cards(courses: list[Entry], language: str, base_url: str) -> list[dict]:
    """Courses as cards of the catalogue or the home page."""
    groups = target_groups()
    methods = {kind.name: str(kind.label) for kind in registry.all_kinds()}
    return [card(entry, language, base_url, groups, methods) for entry in courses]


def card(entry: Entry, language: str, base_url: str, groups: dict, methods: dict) -> dict:
    mine = [groups[pk] for pk in sorted(entry.facets["group"]) if pk in groups]
    chips = [term[language] for term in mine]
    frameworks = {term["framework"] for term in mine}
    if chips and len(chips) == sum(term["framework"] in frameworks for term in groups.values()):
        chips = [_("All target groups")]
    return {
        "url": f"{base_url}{entry.slug}/",
        "code": entry.code,
        "title": in_language(entry.titles, language),
        "summary": in_language(entry.summaries, language),
        "lang": language if language in entry.titles else "th",
        "chips": chips,
        "segments": entry.segments,
        "active_percent": entry.active_percent,
        "total_minutes": entry.minutes,
        "methods": [label for name, label in methods.items() if name in entry.facets["method"]],
    }
