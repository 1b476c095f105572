"""The places that a template leaves to its author, filled in once for a whole course."""

from html import escape

from wagtail import blocks
from wagtail.blocks import StreamValue
from wagtail.fields import StreamField
from wagtail.models import Page

from activities.core.models import ItemPage
from activities.core.placeholders import PLACEHOLDER, placeholders_in
from activities.core.snapshots import snapshot
from courses.catalogue.models import CoursePage, SectionPage

OURS = (CoursePage, SectionPage, ItemPage)


def drafts(course) -> list:
    """The course and what is below it, as their authors last left them, in tree order."""
    pages = Page.objects.descendant_of(course, inclusive=True).order_by("path").specific()
    pages = pages.select_related("locale").prefetch_related(None)
    return [page.get_latest_revision_as_object() for page in pages if isinstance(page, OURS)]


def open_places(page) -> list[str]:
    """The placeholders in a page as it is given (a draft, or what is about to be published)."""
    return placeholders_in(snapshot(page))


def places_in(pages: list) -> dict[str, list]:
    """{placeholder: the pages where it stands}, in the order in which one meets them."""
    found: dict[str, list] = {}
    for page in pages:
        for place in open_places(page):
            found.setdefault(place, []).append(page)
    return found


def put_in(page, words: dict[str, str]) -> bool:
    """Replace placeholders by an author's words in every text of a page, unsaved. Whether any."""
    changed = False

    def swap(text: str, is_html: bool = False) -> str:
        def word(match):
            place = match[0]
            found = words.get(place) or words.get(unescaped(place))
            if not found:
                return place
            return escape(found, quote=False) if is_html else found

        return PLACEHOLDER.sub(word, text)

    wagtail_fields = {field.name for field in Page._meta.get_fields()} - {"title"}
    for field in page._meta.fields:
        if field.name in wagtail_fields:
            continue
        if isinstance(field, StreamField):
            raw = list(getattr(page, field.attname).raw_data)
            new = in_block(field.stream_block, raw, swap)
            if new != raw:
                value = StreamValue(field.stream_block, new, is_lazy=True)
                setattr(page, field.attname, value)
                changed = True
            continue
        value = getattr(page, field.attname)
        if isinstance(value, str) and swap(value) != value:
            setattr(page, field.attname, swap(value))
            changed = True
    return changed


def unescaped(text: str) -> str:
    return text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")


def in_block(block, raw, swap):
    """A block's stored value with its texts swapped; only rich text is HTML."""
    if isinstance(raw, str):
        return swap(raw, isinstance(block, blocks.RichTextBlock | blocks.RawHTMLBlock))
    if isinstance(block, blocks.StructBlock) and isinstance(raw, dict):
        return {
            name: in_block(block.child_blocks[name], value, swap)
            if name in block.child_blocks
            else value
            for name, value in raw.items()
        }
    if isinstance(block, blocks.StreamBlock | blocks.ListBlock) and raw is not None:
        return [in_entry(block, entry, swap) for entry in raw]
    return raw


def in_entry(block, entry, swap):
    if not isinstance(entry, dict) or "value" not in entry:
        return entry
    child = (
        block.child_block
        if isinstance(block, blocks.ListBlock)
        else block.child_blocks.get(entry.get("type"))
    )
    return entry if child is None else {**entry, "value": in_block(child, entry["value"], swap)}
