"""What the search page shows, in words and addresses."""

from urllib.parse import urlencode

from django.utils.translation import gettext as _

from . import sources
from .find import FACETS, Results

LONGEST_SHOWN = 200


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


def kind_labels(language: str) -> dict[str, str]:
    """What a passage is, by its kind."""
    return {
        **labels_for(language).get("method", {}),
        "course": _("Course"),
        "section": _("Section"),
        "page": _("Article"),
        "post": _("Contribution"),
    }


def context(results: Results, request, language: str, chosen: dict, course: str) -> dict:
    labels, kinds = labels_for(language), kind_labels(language)
    names = facet_names()
    asked = {"q": results.question.typed, **{name: values[0] for name, values in chosen.items()}}
    if course:
        asked["course"] = course

    def address(without: str = "", **change) -> str:
        wanted = {name: value for name, value in (asked | change).items() if name != without}
        return f"{request.path}?{urlencode(wanted)}"

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
                "about": group.hits[0] if group.hits[0].row.kind == "course" else None,
                "hits": [
                    {"hit": hit, "kind": kinds.get(hit.row.kind, "")}
                    for hit in group.hits
                    if hit.row.kind != "course"
                ],
                "more_url": address(course=group.course) if group.more and not course else "",
            }
            for group in results.groups
        ],
        "facets": facets,
        "selected": selected,
        "hidden": [(name, value) for name, value in asked.items() if name != "q"],
        "page_obj": results.page,
        "mean_url": f"{request.path}?{urlencode({'q': results.did_you_mean})}",
        "ways": [way(how, what, names, chosen, label, address) for how, what in results.without],
        "clear_url": f"{request.path}?{urlencode({'q': results.question.typed})}",
    }


def way(how: str, what: str, names: dict, chosen: dict, label, address) -> dict:
    """A way out when nothing was found: its words and its address."""
    if how == "facet":
        return {
            "label": _("without “%(filter)s”") % {"filter": label(what, chosen[what][0])},
            "url": address(without=what),
        }
    return {"label": _("only “%(words)s”") % {"words": what}, "url": address(q=what)}
