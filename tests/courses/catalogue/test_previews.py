"""What an author sees before anything is offered."""

import pytest
from django.test import RequestFactory
from wagtail.images import get_image_model
from wagtail.models import Page

from courses.catalogue.blocks import LessonBlock
from courses.catalogue.models import LessonPage
from tests.factories.people import UserFactory
from tests.factories.site import demo_course

BLOCKS = LessonBlock().child_blocks


@pytest.fixture
def course(db):
    return demo_course()


@pytest.mark.parametrize("name", sorted(BLOCKS))
def test_every_block_has_a_description_and_a_preview(course, name, client):
    block = BLOCKS[name]
    assert str(block.label)
    assert block.get_description()
    assert block.is_previewable
    client.force_login(UserFactory(is_superuser=True))
    response = client.get("/admin/block-preview/", {"id": block.definition_prefix})
    assert response.status_code == 200
    assert 'class="prose"' in response.content.decode()


def test_every_field_of_a_block_is_explained():
    def walk(block, path):
        for name, child in getattr(block, "child_blocks", {}).items():
            yield from walk(child, [*path, name])
            is_field = not hasattr(child, "child_blocks") and path
            if is_field and not (child.field.help_text if hasattr(child, "field") else True):
                yield ".".join([*path, name])
        if hasattr(block, "child_block"):
            yield from walk(block.child_block, path)

    assert list(walk(LessonBlock(), [])) == []


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_page_of_the_course_can_be_previewed(course, language):
    pages = Page.objects.filter(locale__language_code=language).specific()
    previewed = 0
    for page in pages:
        if page.depth < 3 or not page.preview_modes:
            continue
        request = RequestFactory().get("/")
        response = page.make_preview_request(request, page.default_preview_mode)
        if hasattr(response, "render"):
            response.render()
        assert response.status_code == 200, page
        assert page.title in response.content.decode() or not isinstance(page, LessonPage)
        previewed += 1
    assert previewed > 10


def test_the_preview_of_a_picture_shows_one(course):
    value = BLOCKS["image"].get_preview_value()
    assert value["image"] == get_image_model().objects.order_by("-pk").first()
