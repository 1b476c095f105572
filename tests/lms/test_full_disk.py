"""No room for files: a message for whoever sends one, and no half rows."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Picture
from wagtail.images import get_image_model
from wagtail.models import Collection

from lms.operations.site_tree import ensure_site
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


def picture() -> SimpleUploadedFile:
    out = io.BytesIO()
    Picture.new("RGB", (40, 40)).save(out, "PNG")
    return SimpleUploadedFile("ศาลา.png", out.getvalue(), "image/png")


@pytest.fixture
def author(client):
    ensure_site()
    person = UserFactory(is_superuser=True, is_staff=True, preferred_language="en")
    client.force_login(person)
    return client


@pytest.fixture
def full_disk(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "tests.factories.disks.FullStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }


def send(author):
    collection = Collection.get_first_root_node().pk
    fields = {"title": "ศาลาริมน้ำในยามเย็น", "file": picture(), "collection": collection}
    data = {f"image-chooser-upload-{name}": value for name, value in fields.items()}
    return author.post(reverse("wagtailimages_chooser:create"), data)


def test_where_there_is_room_a_picture_is_kept(author):
    send(author)
    assert get_image_model().objects.count() == 1


def test_a_picture_without_room_is_refused_whole(author, full_disk):
    answer = send(author)
    assert answer.status_code == 503 and answer["Retry-After"] == "600"
    assert "ไม่มีพื้นที่เก็บไฟล์" in answer.text or "There is no room for files" in answer.text
    assert not get_image_model().objects.exists()
    later = author.get(reverse("wagtailimages:index"))
    assert later.status_code == 200


def test_an_upload_by_script_reads_it_too(author, full_disk):
    answer = author.post(
        reverse("wagtailimages:add_multiple"),
        {"files[]": picture()},
        headers={"x-requested-with": "XMLHttpRequest"},
    )
    assert answer.status_code == 503 and answer.json()["success"] is False
    assert not get_image_model().objects.exists()


def test_what_was_typed_is_shown_once_more(author, full_disk):
    assert "ศาลาริมน้ำในยามเย็น" in send(author).text
