"""What the search page shows, in words and addresses."""

import re
from urllib.parse import quote_plus

from django.utils.translation import gettext as _

from . import sources
from .find import FACETS, Hit, Results

LONGEST_SHOWN = 200
# What does not stand for itself in an address: all but Thai and what `quote_plus` leaves alone.
ESCAPED = re.compile(r"[^\u0e00-\u0e7f\w.~-]+", re.ASCII)


def facet_names() -> dict[str, str]:
    return {
        "type": _("What"),
        "group": _("For whom"),
        "skill": _("Skill group"),
        "method": _("Way of learning"),
        "level": _("Level"),
        "language": _("Language"),
    }


LANGUAGES = {"th": "ไทย", "en": "English"}


def labels_for(language: str) -> dict[str, dict[str, str]]:
    labels = sources.facet_labels(language)
    labels["language"] = LANGUAGES
    return labels


def kind_labels(labels: dict[str, dict[str, str]]) -> dict[str, str]:
    """What a passage is, by its kind; `labels` are those of `labels_for`."""
    return {
        **labels.get("method", {}),
        "course": _("Course"),
        "section": _("Section"),
        "page": _("Article"),
        "post": _("Contribution"),
    }


def context(results: Results, language: str, chosen: dict, course: str) -> dict:
    labels = labels_for(language)
    kinds = kind_labels(labels)
    names = facet_names()
    asked = {"q": results.question.typed, **{name: values[0] for name, values in chosen.items()}}
    if course:
        asked["course"] = course

    def address(without: str = "", **change) -> str:
        wanted = {name: value for name, value in (asked | change).items() if name != without}
        return query(wanted)

    def label(facet: str, value: str) -> str:
        return labels.get(facet, {}).get(value, value)

    facets = [
        {
            "name": facet.name,
            "label": names[facet.name],
            "options": [
                {
                    "label": label(facet.name, value),
                    "count": count,
                    "url": address(without=facet.name)
                    if value in facet.chosen
                    else address(**{facet.name: value}),
                    "selected": value in facet.chosen,
                    "disabled": not count,
                }
                for value, count in facet.counts.items()
            ],
        }
        for facet in results.facets
    ]
    selected = [
        {"label": label(name, chosen[name][0]), "remove_url": address(without=name)}
        for name in FACETS
        if name in chosen
    ]
    if course:
        selected.append({"label": _("In one course"), "remove_url": address(without="course")})
    return {
        "results": results,
        "empty": results.question.empty,
        "groups": [
            {
                "group": group,
                "about": next((item for item in shown if item["hit"].row.kind == "course"), None),
                "hits": [item for item in shown if item["hit"].row.kind != "course"],
                "more_url": address(course=group.course) if group.more and not course else "",
            }
            for group in results.groups
            for shown in [[hit_shown(hit, kinds, language) for hit in group.hits]]
        ],
        "facets": facets,
        "selected": selected,
        "hidden": [(name, value) for name, value in asked.items() if name != "q"],
        "page_obj": results.page,
        "mean_url": query({"q": results.did_you_mean}),
        "ways": [way(how, what, names, chosen, label, address) for how, what in results.without],
        "clear_url": query({"q": results.question.typed}),
    }


def hit_shown(hit: Hit, kinds: dict[str, str], language: str) -> dict:
    """`other` is whether it is in another language than the page; `what` is the kind and the trail without
    the course, which stands above it."""
    return {
        "hit": hit,
        "what": " · ".join([kinds.get(hit.row.kind, ""), *hit.row.trail[1:]]),
        "other": hit.row.language != language,
    }


def query(asked: dict[str, str]) -> str:
    """The address of another search, as people can read it: `?q=ข้อมูล`, a third as long as with each
    byte of a Thai letter escaped. It begins with the question mark, being on the same page."""
    return "?" + "&".join(f"{name}={escaped(value)}" for name, value in asked.items())


def escaped(value: str) -> str:
    return ESCAPED.sub(lambda match: quote_plus(match.group()), value)


def way(how: str, what: str, names: dict, chosen: dict, label, address) -> dict:
    """A way out when nothing was found: its words and its address."""
    if how == "facet":
        return {
            "label": _("without “%(filter)s”") % {"filter": label(what, chosen[what][0])},
            "url": address(without=what),
        }
    return {"label": _("only “%(words)s”") % {"words": what}, "url": address(q=what)}
