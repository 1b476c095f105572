"""Bringing back the order of a release: pages have no drafts of their places, so this is done at once."""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.models import Page

from courses.authoring.dashboard.ordering import move_in_all_languages
from courses.catalogue.models import CoursePage, SectionPage
from courses.releases.models import CourseRelease


@dataclass
class Ordered:
    """How many pages were moved, and which stayed, each with the reason."""

    moved: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)


@transaction.atomic
def restore_order(course: CoursePage, release: CourseRelease, user) -> Ordered:
    """Put the pages of a course in the order, and into the sections, of a release. `course` is the
    source page. Pages that the release does not know come last; sections are known by their
    titles, in the language of the course."""
    done = Ordered()
    if not course.permissions_for_user(user).can_reorder_children():
        done.left.append((course.title, _("you may not change the order")))
        return done
    language = course.locale.language_code
    pages = {str(p.translation_key): p for p in Page.objects.descendant_of(course)}
    by_title = {p.title: p for p in SectionPage.objects.child_of(course).order_by("-path")}
    titles = [section.get(language) for section in release.outline["sections"]]
    sections = [by_title.get(title) for title in titles]
    top: list[Page] = []
    inside: dict[int, list[Page]] = {}
    for entry in release.outline["items"]:
        page, number = pages.get(entry["key"]), entry["section"]
        if page is None:
            continue
        section = None if number is None else sections[number]
        if number is not None and section is None:
            why = _("there is no section “%(title)s” any more") % {"title": titles[number]}
            done.left.append((page.title, why))
            continue
        if not brought_below(page, section or course, user, done):
            continue
        if section is None:
            top.append(page)
            continue
        if section.pk not in inside:
            inside[section.pk] = []
            top.append(section)
        inside[section.pk].append(page)
    arrange(course, top, user, done)
    for pk, below in inside.items():
        arrange(Page.objects.get(pk=pk), below, user, done)
    return done


def brought_below(page: Page, parent: Page, user, done: Ordered) -> bool:
    """Bring a page below its parent of then; False (with the reason noted) when it has to stay."""
    page.refresh_from_db()
    parent.refresh_from_db()
    if page.is_child_of(parent):
        return True
    if page.live and not parent.live and isinstance(parent, SectionPage):
        why = _("the section “%(title)s” is not published") % {"title": parent.title}
    elif not page.permissions_for_user(user).can_move_to(parent):
        why = _("you may not move it")
    elif not Page._slug_is_available(page.slug, parent, page):
        why = _("there is a page with its address already")
    else:
        move_in_all_languages(page, parent, "last-child", user)
        done.moved += 1
        return True
    done.left.append((page.title, why))
    return False


def arrange(parent: Page, wanted: list[Page], user, done: Ordered) -> None:
    """The wanted pages first, in their order, the others behind them: as few moves as it takes."""
    parent.refresh_from_db()
    there = list(Page.objects.child_of(parent).order_by("path").values_list("pk", flat=True))
    for place, page in enumerate(wanted):
        if there[place] == page.pk:
            continue
        before = Page.objects.get(pk=there[place])
        move_in_all_languages(Page.objects.get(pk=page.pk), before, "left", user)
        done.moved += 1
        there.remove(page.pk)
        there.insert(place, page.pk)
