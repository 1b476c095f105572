"""Turning a page into data that outlives it."""

import hashlib
import json

from modelcluster.models import get_all_child_relations, get_field_value
from wagtail.fields import StreamField
from wagtail.models import Page

# Of Wagtail's own page fields only these say anything to a learner; the others (revision numbers,
# locks, dates of publishing) change without a change of content.
KEPT_PAGE_FIELDS = ("title", "slug", "translation_key", "locale", "seo_title", "search_description")


def snapshot(page) -> dict:
    """The content of a page as JSON-able data that `from_serializable_data` takes back.

    Holds the fields of the page's own models, what is kept of Wagtail's, many-to-many values and
    inline children (without comments).
    """
    data = {"pk": page.pk}
    wagtail_fields = {field.name for field in Page._meta.get_fields()}
    for field in page._meta.fields:
        if field.name in wagtail_fields and field.name not in KEPT_PAGE_FIELDS:
            continue
        if not field.serialize or field.name == "page_ptr":
            continue
        data[field.name] = stored_value(field, page)
    for field in page._meta.many_to_many:
        data[field.name] = sorted(item.pk for item in getattr(page, field.name).all())
    for relation in get_all_child_relations(page):
        name = relation.get_accessor_name()
        if name in wagtail_fields or "comment" in name:
            continue
        data[name] = [child.serializable_data() for child in getattr(page, name).all()]
    return json.loads(json.dumps(data, default=str))


def stored_value(field, page):
    """The value of a field as it is stored. Of a stream the stored blocks: serialising it would
    name unnamed list items anew each time, and the same content would look changed."""
    if isinstance(field, StreamField):
        return json.dumps(list(getattr(page, field.attname).raw_data), default=str)
    return get_field_value(field, page)


def digest(data) -> str:
    """A fingerprint of JSON-able data, the same whatever the order of its keys."""
    text = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
