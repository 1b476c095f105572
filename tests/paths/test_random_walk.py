"""An administrator who clicks everything, in any order: after each click the invariant holds."""

import random

import pytest
from django.urls import reverse

from courses.catalogue.models import LessonPage
from tests.factories.courses import add_activity, add_lesson, forget_settling
from tests.paths import invariant
from tests.paths.paths import another_course, bulk, edit
from tests.paths.site import build

pytestmark = pytest.mark.django_db

CLICKS = 14


def items(site):
    return list(site.course.get_children().specific())


def some(site, dice):
    found = items(site)
    return dice.choice(found) if found else None


def publish_a_lesson(site, dice):
    lessons = [page for page in items(site) if isinstance(page, LessonPage)]
    if lessons:
        page = dice.choice(lessons)
        minutes = str(dice.choice([1, 10, 25, 60, 300]))
        edit(site, page, slug=page.slug, minutes=minutes, **{"action-publish": "1"})


def save_a_lesson(site, dice):
    page = site.course.get_children().type(LessonPage).first()
    if page:
        edit(site, page.specific, slug=page.slug, minutes=str(dice.choice([5, 400])))


def new_lesson(site, dice):
    add_lesson(site.course, f"n{dice.randrange(10**9)}", dice.choice([1, 5, 40]))


def new_activity(site, dice):
    kind = dice.choice(["discussion", "workshop"])
    if not site.course.get_children().filter(slug=kind).exists():
        add_activity(site.course, kind, kind)


def press(action):
    def click(site, dice):
        page = some(site, dice)
        if page is not None:
            site.admin.post(reverse(f"wagtailadmin_pages:{action}", args=[page.pk]))

    click.__name__ = action
    return click


def move(site, dice):
    page = some(site, dice)
    if page is not None:
        target = another_course(site)
        site.admin.post(reverse("wagtailadmin_pages:move_confirm", args=[page.pk, target.pk]))


def in_bulk(site, dice):
    pages = items(site)
    if pages:
        chosen = dice.sample(pages, k=dice.randint(1, len(pages)))
        bulk(site, dice.choice(["publish", "unpublish", "delete"]), *chosen)


def the_course(site, dice):
    action = dice.choice(["unpublish", "publish"])
    if action == "unpublish":
        site.admin.post(reverse("wagtailadmin_pages:unpublish", args=[site.course.pk]))
    else:
        bulk(site, "publish", site.course, include_descendants=dice.choice(["", "on"]))


EVERYTHING = [
    publish_a_lesson,
    save_a_lesson,
    new_lesson,
    new_activity,
    press("unpublish"),
    press("delete"),
    move,
    in_bulk,
    the_course,
]


@pytest.mark.parametrize("seed", range(6))
def test_whoever_clicks_everything_gets_nothing_unbalanced_offered(
    seed, django_capture_on_commit_callbacks
):
    dice, site, clicks = random.Random(seed), build(), []
    for _n in range(CLICKS):
        click = dice.choice(EVERYTHING)
        clicks.append(click.__name__)
        with django_capture_on_commit_callbacks(execute=True):
            click(site, dice)
        forget_settling()
        invariant.holds(serve=False)
    invariant.holds()
    assert len(clicks) == CLICKS
