"""Where an author may put something: a page of a course in all its languages."""

from django.db.models import Q
from wagtail.models import Page

from courses.releases.cut import SOURCE_LANGUAGE


def in_all_languages(page) -> list:
    """The page and its translations, the source language first."""
    pages = Page.objects.filter(translation_key=page.translation_key).select_related("locale")
    found = list(pages.specific())
    return sorted(found, key=lambda one: (one.locale.language_code != SOURCE_LANGUAGE, one.pk))


def open_to(user, pages: list) -> list:
    """Those of the pages below which the user may add."""
    return [page for page in pages if page.permissions_for_user(user).can_add_subpage()]


def free_slug(parents: list, wanted: str) -> str:
    """The slug, with a number when it is taken below one of the parents."""
    below = Q()
    for parent in parents:
        below |= Q(path__startswith=parent.path, depth=parent.depth + 1)
    taken = set(Page.objects.filter(below).values_list("slug", flat=True)) if below else set()
    slug, n = wanted, 2
    while slug in taken:
        slug, n = f"{wanted}-{n}", n + 1
    return slug


def add_draft(parent, page, user) -> None:
    """Put a new page below another as a draft that its author can go on with."""
    page.live = False
    page.has_unpublished_changes = True
    page.owner = user
    page.locale = parent.locale
    parent.add_child(instance=page)
    page.save_revision(user=user, log_action="wagtail.create", clean=False)
