"""Moving a page of a course: the source language decides the order, the others follow."""

from django.db import transaction
from wagtail.models import Page

from courses.catalogue.models import CoursePage


@transaction.atomic
def move_in_all_languages(page: Page, target: Page, position: str, user) -> None:
    """Move a page, and its translations likewise. May the page be moved there, was asked before."""
    page.specific.move(target, position, user=user)
    follow(page, target, position, user)


def follow(page: Page, target: Page, position: str, user) -> None:
    """The same move in the other languages of the course, where page and target are there too and
    the person may move there."""
    theirs = {
        sibling.locale_id: sibling
        for sibling in Page.objects.filter(translation_key=target.translation_key).exclude(
            pk=target.pk
        )
    }
    for translation in Page.objects.filter(translation_key=page.translation_key).exclude(
        pk=page.pk
    ):
        there = theirs.get(translation.locale_id)
        if there is None or not same_course(translation, there):
            continue
        parent = there if position.endswith("child") else there.get_parent()
        free = Page._slug_is_available(translation.slug, parent, translation)
        if free and translation.permissions_for_user(user).can_move_to(parent):
            translation.specific.move(there, position, user=user)


def same_course(page: Page, there: Page) -> bool:
    """Whether two pages stand in one course page."""
    above = page.get_ancestors().type(CoursePage).last()
    return above is not None and there.path.startswith(above.path)
