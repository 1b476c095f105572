"""Places in a text that wait for the author's own words.

Ready templates mark them with guillemets: «name of your agency». Brackets and quotation marks
would stand in ordinary texts, too; guillemets are used neither in Thai nor in English.
"""

import html
import json
import re

PLACEHOLDER = re.compile(r"«[^«»\n]{1,300}»")
MOST_NAMED = 5


def placeholders_in(value) -> list[str]:
    """The placeholders in a text or in JSON-able data (a page's snapshot), each once, in order."""
    found: dict[str, None] = {}

    def visit(value):
        if isinstance(value, str):
            if value[:1] in "[{":
                try:  # a StreamField's value is a text of JSON
                    return visit(json.loads(value))
                except ValueError:
                    pass
            for place in PLACEHOLDER.findall(html.unescape(value)):
                found.setdefault(place)
        elif isinstance(value, dict):
            for entry in value.values():
                visit(entry)
        elif isinstance(value, list | tuple):
            for entry in value:
                visit(entry)

    visit(value)
    return list(found)


def named(places: list[str]) -> str:
    """The first placeholders in a line, for a message."""
    shown = ", ".join(places[:MOST_NAMED])
    return f"{shown}, …" if len(places) > MOST_NAMED else shown
