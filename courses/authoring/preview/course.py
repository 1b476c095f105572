"""A whole course as learners would find it if every draft were offered now."""

from django.urls import reverse

from activities.core import registry
from activities.core.models import ItemPage
from courses.catalogue.models import SectionPage
from courses.enrolment.pages import course_facts
from courses.releases import cut

from ..templates.fill import drafts


def candidate_of_drafts(course) -> tuple[cut.Candidate, list[str]]:
    """What a release of all drafts in one language would hold; the items' addresses in order.

    Pages of a kind that is not installed are left out, as learners would not see them.
    """
    page, *parts = drafts(course)
    result = cut.Candidate(page=page, texts=cut.texts_of(page, []))
    sections: list[SectionPage] = []
    urls = []
    for part in parts:
        if isinstance(part, SectionPage):
            sections.append(part)
            result.sections.append({part.locale.language_code: part.title})
        elif isinstance(part, ItemPage):
            place = next((n for n, s in enumerate(sections) if part.path.startswith(s.path)), None)
            try:
                result.items.append(cut.build_item(part, [], place))
            except registry.UnknownKind:
                continue
            urls.append(reverse("wagtailadmin_pages:view_draft", args=[part.pk]))
    return result, urls


def facts(course, language: str) -> dict:
    """The course page's own facts, with each item leading to its preview."""
    result, urls = candidate_of_drafts(course)
    outline = cut.outline_of(result)
    found = course_facts(outline, result.texts, language, None, None)
    for item, url in zip(found["items"], urls, strict=True):
        item["url"] = url
    return found
