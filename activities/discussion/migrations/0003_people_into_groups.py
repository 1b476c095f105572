"""Whoever has answered before there were groups is in one group with the others of the run."""

from django.db import migrations


def into_one_group(apps, schema_editor):
    Post = apps.get_model("discussion", "Post")
    Group = apps.get_model("discussion", "Group")
    Member = apps.get_model("discussion", "Member")
    places = Post.objects.order_by().values_list("cohort", "item").distinct()
    for cohort, item in list(places):
        posts = Post.objects.filter(cohort=cohort, item=item)
        group = Group.objects.create(cohort=cohort, item=item, number=1)
        people = {
            seat: user
            for seat, user in posts.filter(participation__isnull=False)
            .order_by("pk")
            .values_list("participation__seat", "participation__user")
        }
        Member.objects.bulk_create(
            [
                Member(group=group, cohort=cohort, item=item, seat=seat, user_id=user, alias=n)
                for n, (seat, user) in enumerate(people.items(), start=1)
            ],
            batch_size=500,
        )
        posts.update(group=1)
        for n, seat in enumerate(people, start=1):
            posts.filter(voice=seat).update(alias=n)


def into_no_group(apps, schema_editor):
    apps.get_model("discussion", "Post").objects.update(group=0, alias=0)
    apps.get_model("discussion", "Member").objects.all().delete()
    apps.get_model("discussion", "Group").objects.update(merged_into=None)
    apps.get_model("discussion", "Group").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("discussion", "0002_groups_phases_grades")]

    operations = [migrations.RunPython(into_one_group, into_no_group)]
