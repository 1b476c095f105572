"""Wagtail and Django in Thai: their own catalogues are incomplete, ours stands over them."""

import glob
import re
from pathlib import Path

import django
import polib
import pytest
import wagtail
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.forms import CharField
from django.urls import reverse
from django.utils.translation import gettext, ngettext, override
from wagtail.users.models import UserProfile

from lms.people.roles import COURSE_MANAGER
from tests.factories.courses import make_course
from tests.factories.people import UserFactory

CATALOGUE = Path(settings.BASE_DIR) / "locale/frameworks/th/LC_MESSAGES/django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|(?<!\{)\{\w*\}(?!\})|</?\w+")


def messages_of(package) -> set[tuple]:
    """The messages in the English catalogues that a package brings."""
    folder = Path(package.__file__).parent
    found = set()
    for path in glob.glob(f"{folder}/**/locale/en/LC_MESSAGES/django.po", recursive=True):
        found |= {(entry.msgctxt, entry.msgid) for entry in polib.pofile(path)}
    return found


def test_every_message_is_one_that_wagtail_or_django_says():
    known = messages_of(wagtail) | messages_of(django)
    ours = {(entry.msgctxt, entry.msgid) for entry in polib.pofile(str(CATALOGUE))}
    assert len(ours) > 600
    assert ours <= known, sorted(str(one) for one in ours - known)


def test_no_placeholder_or_mark_is_lost():
    for entry in polib.pofile(str(CATALOGUE)):
        source = entry.msgid_plural or entry.msgid
        texts = entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]
        for text in texts:
            assert set(PLACEHOLDER.findall(text)) == set(PLACEHOLDER.findall(source)), entry.msgid


@override("th")
def test_thai_forms_say_what_to_do():
    with pytest.raises(ValidationError) as refused:
        CharField().clean("")
    assert refused.value.messages == ["โปรดระบุข้อมูลในช่องนี้"]
    with pytest.raises(ValidationError) as refused:
        MaxLengthValidator(3)("สี่ตัว")
    assert refused.value.messages == ["โปรดพิมพ์ไม่เกิน 3 ตัวอักษร (ขณะนี้มี 6 ตัวอักษร)"]
    assert gettext("Workflow tasks") == "ขั้นตรวจ"
    many = ngettext("%(num_child_objects)d child page", "%(num_child_objects)d child pages", 2) % {
        "num_child_objects": 2
    }
    assert many == "หน้าย่อย 2 หน้า"


@pytest.mark.django_db
def test_publishing_many_pages_is_in_thai(client):
    course = make_course("words")
    person = UserFactory()
    person.groups.add(Group.objects.get(name=COURSE_MANAGER))
    UserProfile.objects.create(user=person, preferred_language="th")
    client.force_login(person)
    for page in [course, *course.get_children().specific()]:
        page.unpublish()
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    page = client.get(f"{url}?id={course.pk}").content.decode()
    assert "รวมหน้าย่อย" in page and "Include" not in page
    done = client.post(
        f"{url}?id={course.pk}&next={reverse('wagtailadmin_home')}",
        {"include_descendants": "on"},
        follow=True,
    )
    said = [str(message) for message in done.context["messages"]]
    assert len(said) == 1 and said[0].startswith("เผยแพร่ ")
