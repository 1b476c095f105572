"""Courses that were withdrawn until now serve those who are enrolled their last release again."""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    states = apps.get_model("releases", "CourseState").objects
    releases = apps.get_model("releases", "CourseRelease").objects
    states.filter(current__isnull=False).update(served=F("current"))
    for state in states.filter(current__isnull=True):
        last = releases.filter(course=state.course).order_by("-number").only("pk").first()
        state.served = last
        state.status = "withdrawn" if last else "draft"
        state.save(update_fields=["served", "status"])


class Migration(migrations.Migration):
    dependencies = [("releases", "0002_served")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
