"""Loading the competency framework."""

import pytest
from django.core.management import call_command

from courses.catalogue.load_framework import load_framework
from courses.catalogue.models import FrameworkVersion, Role, Skill, SkillGroup, TargetGroup

pytestmark = pytest.mark.django_db


def test_both_editions_are_loaded_with_their_lists():
    counts = load_framework()

    assert counts == {"created": 73, "changed": 0}
    old, new = FrameworkVersion.objects.order_by("version")
    assert (old.version, old.is_current) == ("2560", False)
    assert (new.version, new.is_current) == ("2566", True)
    assert SkillGroup.objects.filter(framework=old).count() == 7
    assert list(SkillGroup.objects.filter(framework=new).values_list("key", flat=True)) == [
        "literacy", "governance", "leadership", "technology", "service", "data", "security",
    ]  # fmt: skip
    assert TargetGroup.objects.filter(framework=new).count() == 6
    assert Role.objects.filter(framework=old).count() == 18
    skill = Skill.objects.get(key="DG500")
    assert skill.skill_group.key == "DG"
    assert set(skill.target_groups.values_list("key", flat=True)) == {"management", "technology"}


def test_what_is_not_published_stays_empty_and_is_not_emptied_again():
    load_framework()
    role = Role.objects.get(key="service-early")
    assert role.name_th == ""
    Role.objects.filter(pk=role.pk).update(name_th="เจ้าหน้าที่บริการ")
    TargetGroup.objects.filter(key="executive").update(name_th="?")

    counts = load_framework()

    assert counts == {"created": 0, "changed": 2}
    role.refresh_from_db()
    assert role.name_th == "เจ้าหน้าที่บริการ"
    names = set(TargetGroup.objects.filter(key="executive").values_list("name_th", flat=True))
    assert names == {"ผู้บริหารระดับสูง"}


def test_an_agency_decides_which_edition_is_in_use():
    load_framework()
    FrameworkVersion.objects.filter(version="2560").update(is_current=True)

    load_framework()

    assert FrameworkVersion.objects.filter(is_current=True).count() == 2


def test_a_dry_run_counts_and_saves_nothing(capsys):
    call_command("load_framework", "--dry-run", skip_checks=True)

    assert " 73 " in capsys.readouterr().out
    assert not FrameworkVersion.objects.exists()
