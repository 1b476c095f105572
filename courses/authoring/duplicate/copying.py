"""Copying items and sections of one course into another, as drafts of their own."""

from dataclasses import dataclass, field
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page
from wagtail.permissions import policy_registry

from activities.core.models import ItemPage
from activities.core.snapshots import snapshot
from courses.authoring.places import add_draft, free_slug, in_all_languages, open_to
from courses.catalogue.models import CoursePage, SectionPage


@dataclass
class Copied:
    """What was copied: titles of pages by language, and what could not be, in sentences."""

    pages: list = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def courses_seen_by(user, *, besides):
    """The courses, in the language of `besides`, on which the user may do something."""
    policy = policy_registry.get_by_type(Page)
    seen = policy.instances_user_has_any_permission_for(
        user, {"add", "change", "publish", "lock", "unlock", "bulk_delete"}
    )
    return (
        CoursePage.objects.filter(pk__in=seen.values("pk"), locale=besides.locale)
        .exclude(translation_key=besides.translation_key)
        .order_by("title")
    )


def parts_of(course) -> list[tuple[Page, int]]:
    """(section or item, depth below the course) in tree order, as their authors last left them."""
    pages = Page.objects.descendant_of(course).order_by("path").specific()
    return [
        (page.get_latest_revision_as_object(), page.depth - course.depth)
        for page in pages.select_related("locale")
        if isinstance(page, SectionPage | ItemPage)
    ]


@transaction.atomic
def copy_parts(parts: list, target, user) -> Copied:
    """Copies of `parts` (pages of one course in one language) below a course or section.

    In every language of the target that the source has too. Ids inside of StreamFields stay, so
    what belongs together across languages still does; each copy has a key of its own, shared among
    its languages. An item whose section is copied goes with it.
    """
    done = Copied()
    chosen = {page.pk for page in parts}
    sections = [page for page in parts if isinstance(page, SectionPage)]
    targets = open_to(user, in_all_languages(target))
    for part in parts:
        if isinstance(part, SectionPage):
            if isinstance(target, SectionPage):
                done.left_out.append(
                    _("“%(title)s” is a section, and a section cannot stand in another one.")
                    % {"title": part.title}
                )
                continue
            made = copy_part(part, targets, user, done)
            for child in part.get_children().specific():
                if isinstance(child, ItemPage):
                    copy_part(child, made, user, done)
        elif not any(part.is_child_of(section) and section.pk in chosen for section in sections):
            copy_part(part, targets, user, done)
    return done


def copy_part(part, targets: list, user, done: Copied) -> list:
    """One page in each language; what was made."""
    versions = {page.locale_id: page for page in in_all_languages(part)}
    key, slug, made = uuid4(), free_slug(targets, part.slug), []
    for target in targets:
        source = versions.get(target.locale_id)
        if source is None or not may_read(user, source):
            done.left_out.append(
                _("“%(title)s” is not there in %(language)s, so it was not copied in it.")
                % {"title": part.title, "language": target.locale}
            )
            continue
        page = twin(source.get_latest_revision_as_object())
        page.slug, page.translation_key = slug, key
        add_draft(target, page, user)
        made.append(page)
    done.pages += made
    return made


def may_read(user, page) -> bool:
    rights = page.permissions_for_user(user)
    return rights.can_edit() or rights.can_add_subpage() or rights.can_publish()


def twin(page):
    """An unsaved page that says the same, StreamField ids included."""
    data = snapshot(page)
    data["pk"] = None
    for value in data.values():
        if isinstance(value, list):
            for child in value:
                if isinstance(child, dict):
                    child.pop("pk", None)
    return type(page).from_serializable_data(data, check_fks=True, strict_fks=False)
