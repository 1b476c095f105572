"""From pages in several languages to one entry of a course file: the way back of reading one.

A text becomes {language: text}; what is the same in every language (a key, a number, a choice) is
the source's. Parts of lists belong together by their place.
"""

from wagtail import blocks
from wagtail.fields import StreamField

# Names of texts that are no language: they refer to something, or say how it is done.
PLAIN = frozenset(
    "key id to start url dimension criterion field condition quality type kind tone".split()
)


class CannotExport(ValueError):
    """A page cannot be written into a course file; the message says why, for an author."""

    code = "cannot_export"


def fields_of(pages: dict, names: list[str]) -> dict:
    """{name: value} for these fields of the pages {language: page}, the source page first."""
    source = next(iter(pages.values()))
    found = {}
    for name in names:
        field = source._meta.get_field(name)
        if isinstance(field, StreamField):
            raw = {code: list(getattr(page, name).raw_data) for code, page in pages.items()}
            found[name] = stream(field.stream_block, raw)
        elif field.get_internal_type() in ("TextField", "CharField") and not field.choices:
            values = {code: getattr(page, name) for code, page in pages.items()}
            if name in PLAIN:
                found[name] = next(iter(values.values()))
            elif any(values.values()):
                found[name] = values
        else:
            found[name] = getattr(source, name)
    return found


def stream(block: blocks.StreamBlock, raw: dict) -> list[dict]:
    """The blocks of a stream, each {"type": …, "value": merged}, in the order of the source."""
    merged = []
    for n, entry in enumerate(next(iter(raw.values()))):
        values = {}
        for code, entries in raw.items():
            if n < len(entries) and entries[n]["type"] == entry["type"]:
                values[code] = entries[n]["value"]
        child = block.child_blocks.get(entry["type"])
        if child is None:
            raise CannotExport(f"There is no block {entry['type']!r}.")
        merged.append({"type": entry["type"], "value": value(child, values, entry["type"])})
    return merged


def value(block, values: dict, name: str):
    """One block's values in the languages, merged into one."""
    source = next(iter(values.values()))
    if isinstance(block, blocks.StructBlock):
        found = {}
        for child_name, child in block.child_blocks.items():
            inner = {
                code: (side or {}).get(child_name, child.get_default())
                for code, side in values.items()
            }
            merged = value(child, inner, child_name)
            if merged not in (None, "", [], {}):
                found[child_name] = merged
        return found
    if isinstance(block, blocks.ListBlock):
        sides = {code: [unwrapped(entry) for entry in side or []] for code, side in values.items()}
        return [
            value(
                block.child_block,
                {code: side[n] for code, side in sides.items() if n < len(side)},
                name,
            )
            for n in range(len(sides[next(iter(sides))]))
        ]
    if isinstance(block, blocks.StreamBlock):
        return stream(block, values)
    is_text = isinstance(block, blocks.CharBlock | blocks.TextBlock | blocks.RichTextBlock)
    if is_text and name not in PLAIN:
        return dict(values) if any(values.values()) else ""
    return source


def unwrapped(entry):
    """An entry of a list as it is stored: {"type": "item", "value": …}, or bare in older rows."""
    if isinstance(entry, dict) and entry.get("type") == "item" and "value" in entry:
        return entry["value"]
    return entry


def bare(entries: list[dict]) -> list:
    """A stream of one kind of block without the names of the blocks."""
    return [entry["value"] for entry in entries]
