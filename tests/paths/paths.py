"""Every way in which a course on offer could come to hold too little doing.

Each path tries to bring one about. `expected` is what has to have become of the offer: "kept" (the
release stands as it was), "new" (another release, which passes), "withdrawn".
"""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.core import serializers
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from wagtail.models import APIToken, GroupApprovalTask, Locale, Page, Workflow, WorkflowTask
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from activities.core import registry
from courses.catalogue.models import CoursePage, LessonPage, SectionPage
from courses.releases.models import MeasuredCap
from courses.releases.settle import settle_all
from tests.factories.courses import add_lesson

from .site import Site


@dataclass(frozen=True)
class Path:
    name: str
    go: Callable[[Site], None]
    expected: str = "kept"


PATHS: list[Path] = []


def path(expected: str = "kept"):
    def add(function):
        PATHS.append(Path(function.__name__, function, expected))
        return function

    return add


def lesson_form(**changes) -> dict:
    fields = {
        "title": "บทเรียน l1",
        "slug": "l1",
        "minutes": "25",
        "required": "on",
        "body": streamfield([]),
        "comments": inline_formset([]),
        **changes,
    }
    return nested_form_data(fields)


def edit(site, page, **form):
    return site.admin.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), lesson_form(**form))


# -- one page in the authoring site ----------------------------------------------------------------


@path()
def save_a_draft(site):
    edit(site, site.lesson, minutes="300")


@path()
def edit_and_publish(site):
    edit(site, site.lesson, minutes="300", **{"action-publish": "1"})


@path()
def create_and_publish(site):
    site.admin.post(
        reverse("wagtailadmin_pages:add", args=["catalogue", "lessonpage", site.course.pk]),
        lesson_form(title="ใหม่", slug="new", minutes="300", **{"action-publish": "1"}),
    )


@path()
def schedule_in_the_editor(site):
    later = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%d %H:%M")
    edit(site, site.lesson, minutes="300", go_live_at=later, **{"action-publish": "1"})


@path()
def unpublish(site):
    site.admin.post(reverse("wagtailadmin_pages:unpublish", args=[site.activity.pk]))


@path()
def delete(site):
    site.admin.post(reverse("wagtailadmin_pages:delete", args=[site.activity.pk]))


@path()
def move_elsewhere(site):
    other = another_course(site)
    site.admin.post(reverse("wagtailadmin_pages:move_confirm", args=[site.activity.pk, other.pk]))


def in_a_section(site) -> SectionPage:
    """The activity stands in a section that is on offer."""
    section = SectionPage(title="ส่วน", slug="part", locale=site.course.locale)
    site.course.add_child(instance=section)
    section.save_revision().publish()
    site.activity.move(section, pos="last-child")
    settle_all()
    site.release = site.state.current
    return section


@path()
def unpublish_a_section_with_all_below(site):
    section = in_a_section(site)
    site.admin.post(
        reverse("wagtailadmin_pages:unpublish", args=[section.pk]), {"include_descendants": "on"}
    )


@path()
def delete_a_section_with_all_below(site):
    section = in_a_section(site)
    site.admin.post(reverse("wagtailadmin_pages:delete", args=[section.pk]))


@path()
def move_into_a_hidden_section_on_the_dashboard(site):
    section = SectionPage(title="ส่วน", slug="part", live=False, locale=site.course.locale)
    site.course.add_child(instance=section)
    site.admin.post(
        reverse("authoring_move", args=[site.course.pk]),
        {"page": site.activity.pk, "where": "into", "target": section.pk},
    )


@path()
def bring_back_a_release_and_its_order(site):
    """What comes back are drafts, and an order in which the same pages stand."""
    lesson = site.lesson
    lesson.minutes = 20
    lesson.save_revision().publish()
    settle_all()
    site.release = site.state.current
    site.admin.post(reverse("authoring_restore", args=[site.course.pk, 1]), {"order": "1"})


@path("new")
def another_address_for_the_course(site):
    course = site.course
    course.slug = "renamed"
    course.save_revision().publish()
    site.course = course


@path("withdrawn")
def unpublish_the_course(site):
    site.admin.post(reverse("wagtailadmin_pages:unpublish", args=[site.course.pk]))


@path("withdrawn")
def delete_the_course(site):
    site.admin.post(
        reverse("wagtailadmin_pages:delete", args=[site.course.pk]),
        {"wagtail_site_name": "wagtail"},
    )


@path()
def copy_a_lesson_into_the_course_and_keep_it_live(site):
    heavy = add_lesson(another_course(site), "heavy", 300)
    site.admin.post(
        reverse("wagtailadmin_pages:copy", args=[heavy.pk]),
        {
            "new_title": "สำเนา",
            "new_slug": "copy",
            "new_parent_page": str(site.course.pk),
            "publish_copies": "on",
        },
    )


@path()
def move_a_heavy_lesson_in(site):
    heavy = add_lesson(another_course(site), "heavy", 300)
    site.admin.post(reverse("wagtailadmin_pages:move_confirm", args=[heavy.pk, site.course.pk]))


@path("new")
def reorder(site):
    site.admin.post(
        reverse("wagtailadmin_pages:set_page_position", args=[site.activity.pk]) + "?position=0"
    )


@path()
def revert_to_a_heavy_revision(site):
    heavy = site.draft(site.lesson, minutes=300)
    site.draft(site.lesson, minutes=25)
    site.admin.post(
        reverse("wagtailadmin_pages:edit", args=[site.lesson.pk]),
        lesson_form(minutes="300", revision=str(heavy.pk), **{"action-publish": "1"}),
    )


# -- many pages ------------------------------------------------------------------------------------


def bulk(site, action: str, *pages, **form):
    ids = "&".join(f"id={page.pk}" for page in pages)
    url = reverse("wagtail_bulk_action", args=["wagtailcore", "page", action])
    return site.admin.post(f"{url}?{ids}&next=/admin/", form)


@path()
def publish_in_bulk(site):
    site.draft(site.lesson, minutes=300)
    bulk(site, "publish", site.lesson)


@path()
def publish_a_section_with_its_drafts(site):
    section = SectionPage(title="ส่วน", slug="part", live=False, locale=site.course.locale)
    site.course.add_child(instance=section)
    section.save_revision()
    add_lesson(section, "heavy", 300, live=False).save_revision()
    bulk(site, "publish", section, include_descendants="on")


@path()
def unpublish_in_bulk(site):
    bulk(site, "unpublish", site.activity)


@path()
def delete_in_bulk(site):
    bulk(site, "delete", site.activity)


@path()
def move_in_bulk(site):
    bulk(site, "move", site.activity, chooser=str(another_course(site).pk))


# -- review ----------------------------------------------------------------------------------------


def under_review(site, page):
    from django.contrib.auth.models import Group

    task = GroupApprovalTask.objects.create(name="Review")
    task.groups.add(Group.objects.get(name="Course managers"))
    workflow = Workflow.objects.create(name="Review")
    WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=0)
    state = workflow.start(page, site.user)
    return state.current_task_state


@path()
def approve_in_the_workflow(site):
    lesson = site.lesson
    site.draft(lesson, minutes=300)
    task_state = under_review(site, lesson)
    site.admin.post(
        reverse("wagtailadmin_pages:workflow_action", args=[lesson.pk, "approve", task_state.pk]),
        {"comment": ""},
    )


# -- the clock -------------------------------------------------------------------------------------


def scheduled(site, page, **changes):
    """A revision that was approved to go live a minute ago."""
    revision = site.draft(page, **changes)
    revision.approved_go_live_at = timezone.now() - timedelta(minutes=1)
    revision.save(update_fields=["approved_go_live_at"])
    return revision


@path()
def go_live_as_scheduled(site):
    scheduled(site, site.lesson, minutes=300)
    call_command("publish_scheduled", stdout=io.StringIO())


@path("withdrawn")
def expire_as_scheduled(site):
    Page.objects.filter(pk=site.activity.pk).update(expire_at=timezone.now() - timedelta(minutes=1))
    call_command("publish_scheduled", stdout=io.StringIO())


# -- programs --------------------------------------------------------------------------------------


@path()
def publish_a_revision(site):
    site.draft(site.lesson, minutes=300).publish()


@path()
def save_without_cleaning(site):
    lesson = site.lesson
    lesson.minutes = 300
    lesson.save(clean=False)


@path()
def add_a_live_child(site):
    site.course.add_child(
        instance=LessonPage(
            title="ใหม่", slug="new", minutes=300, live=True, locale=site.course.locale
        )
    )


@path("withdrawn")
def unpublish_by_program(site):
    site.activity.unpublish()


@path("withdrawn")
def delete_by_program(site):
    site.activity.delete()


@path("withdrawn")
def delete_by_queryset(site):
    Page.objects.filter(pk=site.activity.pk).delete()


@path("withdrawn")
def move_by_program(site):
    site.activity.move(another_course(site), pos="last-child")


@path("withdrawn")
def move_pages_by_command(site):
    other = another_course(site)
    call_command("move_pages", site.course.pk, other.pk, stdout=io.StringIO())


@path()
def fixtree_by_command(site):
    Page.objects.filter(pk=site.course.pk).update(numchild=0)
    call_command("fixtree", "--full", "--noinput", stdout=io.StringIO())
    settle_all()


@path()
def purge_the_revisions(site):
    site.draft(site.lesson, minutes=300)
    site.draft(site.lesson, minutes=25)
    call_command("purge_revisions", "--days", "0", stdout=io.StringIO())
    settle_all()


@path()
def update_by_queryset(site):
    LessonPage.objects.filter(pk=site.lesson.pk).update(minutes=300)
    settle_all()


@path()
def raw_sql(site):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE catalogue_lessonpage SET minutes = 300 WHERE page_ptr_id = %s", [site.lesson.pk]
        )
    settle_all()


@path("withdrawn")
def raw_sql_takes_the_activity_off(site):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE wagtailcore_page SET live = %s WHERE id = %s", [False, site.activity.pk]
        )
    settle_all()


@path()
def loaddata(site):
    lesson = site.lesson
    data = json.loads(serializers.serialize("json", [Page.objects.get(pk=lesson.pk), lesson]))
    for row in data:
        if "minutes" in row["fields"]:
            row["fields"]["minutes"] = 300
    for row in serializers.deserialize("json", json.dumps(data)):
        row.save()
    settle_all()


@path()
def make_the_activity_optional(site):
    activity = site.activity
    activity.required = False
    activity.save_revision().publish()


@path()
def ask_less_of_learners(site):
    activity = site.activity
    activity.reflection = []
    activity.save_revision().publish()


@path()
def declare_more_than_is_required(site):
    activity = site.activity
    activity.minutes = 400
    activity.save_revision().publish()


@path()
def learners_take_far_less_than_declared(site):
    """Ten people were through in three of its twenty minutes: six count, and the change is held."""
    MeasuredCap.objects.create(
        item=site.activity.translation_key, minutes=6, declared=20, median_minutes=3, people=10
    )
    settle_all()
    assert site.state.status == "held"


@path()
def the_same_activity_twice(site):
    site.activity.copy(
        update_attrs={"title": "ซ้ำ", "slug": "again"}, to=site.course, keep_live=True
    )
    lesson = site.lesson
    lesson.minutes = 45
    lesson.save_revision().publish()


# -- aliases and translations ----------------------------------------------------------------------


@path()
def an_alias_of_a_heavy_lesson(site):
    heavy = add_lesson(another_course(site), "heavy", 300)
    heavy.create_alias(parent=site.course, update_slug="alias")


@path()
def an_alias_follows_its_source(site):
    light = add_lesson(another_course(site), "light", 5)
    light.create_alias(parent=site.course, update_slug="alias")
    settle_all()
    site.release = site.state.current
    light.minutes = 300
    light.save_revision().publish()
    settle_all()


@path()
def an_alias_becomes_a_page_of_its_own(site):
    heavy = add_lesson(another_course(site), "heavy", 300)
    alias = heavy.create_alias(parent=site.course, update_slug="alias")
    site.admin.post(reverse("wagtailadmin_pages:convert_alias", args=[alias.pk]))


@path()
def a_translation_with_less_doing(site):
    english = Locale.objects.get(language_code="en")
    course = site.course.copy_for_translation(english, copy_parents=True)
    course.save_revision().publish()
    lesson = site.lesson.copy_for_translation(english)
    lesson.minutes = 300
    lesson.save_revision().publish()
    settle_all()
    site.release = site.state.current


@path("new")
def a_translation_is_deleted(site):
    english = Locale.objects.get(language_code="en")
    course = site.course.copy_for_translation(english, copy_parents=True)
    course.save_revision().publish()
    site.lesson.copy_for_translation(english).save_revision().publish()
    settle_all()
    site.release = site.state.current
    course.delete()


@path("withdrawn")
def a_whole_course_copied_with_its_heavy_draft(site):
    """The copy is a course of its own; the path looks at the copy of an unbalanced one."""
    copied = site.course.copy(
        recursive=True, keep_live=True, update_attrs={"title": "สำเนา", "slug": "copied"}
    )
    for page in copied.get_children().type(registry.get("role_play_solo").page_model):
        page.delete()
    settle_all()
    site.course = copied


# -- the site's own importer -----------------------------------------------------------------------


@path()
def import_a_heavier_course(site):
    """A course file that would break the rule is not imported at all."""
    import yaml

    from courses.catalogue.course_file import CourseFileRefused, import_courses
    from tests.factories.courses import course_file

    raw = yaml.safe_load(yaml.safe_dump(course_file(), allow_unicode=True))
    raw["slug"] = "heavy-course"
    raw["items"] = [item for item in raw["items"] if item["kind"] == "lesson"]
    file = site.tmp / "heavy.yaml"
    file.write_text(yaml.safe_dump({"courses": [raw]}, allow_unicode=True), encoding="utf-8")
    try:
        import_courses(file)
    except CourseFileRefused:
        pass
    settle_all()
    assert not CoursePage.objects.filter(slug="heavy-course", live=True).exists()


# -- a kind that goes away -------------------------------------------------------------------------


@path("new")
def the_kind_is_uninstalled(site):
    """While the kind is away nothing of it is lost and nothing is withdrawn; afterwards all is well."""
    kind = registry.get("role_play_solo")
    registry._kinds.pop(kind.name)
    try:
        lesson = site.lesson
        lesson.minutes = 26
        lesson.save_revision().publish()
        settle_all()
        assert (site.state.status, site.state.current) == ("held", site.release)
        assert site.state.problems[-1]["code"] == "kind_missing"
    finally:
        registry._kinds[kind.name] = kind


# -- Wagtail's API ---------------------------------------------------------------------------------


def call(site, method: str, address: str, data: dict | None = None):
    token, secret = APIToken.create_token(user=site.user, name="test")
    return getattr(site.admin, method)(
        f"/api/authoring/pages/{address}",
        data=json.dumps(data or {}),
        content_type="application/json",
        headers={"authorization": f"Bearer {secret}"},
    )


@path()
def api_publish(site):
    site.draft(site.lesson, minutes=300)
    refused(call(site, "post", f"{site.lesson.pk}/actions/publish/"))


@path()
def api_unpublish(site):
    refused(call(site, "post", f"{site.activity.pk}/actions/unpublish/"))


@path()
def api_delete(site):
    refused(call(site, "delete", f"{site.activity.pk}/"))


@path()
def api_move(site):
    other = another_course(site)
    data = {"destination_id": other.pk, "position": "last-child"}
    refused(call(site, "post", f"{site.activity.pk}/actions/move/", data))


@path()
def api_patch_and_publish(site):
    site.draft(site.lesson, minutes=300)
    data = {"meta": {"type": "catalogue.LessonPage", "action": "publish"}, "title": "ใหม่"}
    refused(call(site, "patch", f"{site.lesson.pk}/", data))


@path()
def api_create_and_publish(site):
    meta = {"type": "catalogue.LessonPage", "parent_id": site.course.pk, "action": "publish"}
    refused(call(site, "post", "", {"meta": meta, "title": "N", "slug": "n", "minutes": 300}))


@path()
def api_copy_keep_live(site):
    heavy = add_lesson(another_course(site), "heavy", 300)
    data = {"destination_id": site.course.pk, "keep_live": True, "slug": "copy"}
    assert call(site, "post", f"{heavy.pk}/actions/copy/", data).status_code == 201


@path()
def api_revert(site):
    heavy = site.draft(site.lesson, minutes=300)
    site.draft(site.lesson, minutes=25)
    data = {"revision_id": heavy.pk}
    assert call(site, "post", f"{site.lesson.pk}/actions/revert/", data).status_code == 200
    refused(call(site, "post", f"{site.lesson.pk}/actions/publish/"))


@path()
def api_unpublish_a_section(site):
    section = in_a_section(site)
    data = {"recursive": True}
    refused(call(site, "post", f"{section.pk}/actions/unpublish/", data))


@path()
def api_create_and_convert_an_alias(site):
    heavy = add_lesson(another_course(site), "heavy", 300)
    data = {"destination_id": site.course.pk, "slug": "alias"}
    made = call(site, "post", f"{heavy.pk}/actions/create_alias/", data)
    assert made.status_code == 201, made.content
    alias = made.json()["id"]
    assert call(site, "post", f"{alias}/actions/convert_alias/").status_code == 200


@path()
def api_copy_for_translation(site):
    data = {"locale": "en", "copy_parents": True, "alias": True}
    made = call(site, "post", f"{site.course.pk}/actions/copy_for_translation/", data)
    assert made.status_code == 201, made.content
    settle_all()
    site.release = site.state.current


def refused(answer) -> None:
    """A problem document, status 409, with the numbers."""
    assert answer.status_code == 409, (answer.status_code, answer.content[:500])
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"]


# ----------------------------------------------------------------------------------------------------


def another_course(site) -> CoursePage:
    """A course that is being built: nothing of it is on offer."""
    found = CoursePage.objects.filter(slug="other").first()
    if found is None:
        found = CoursePage(
            title="อื่น", slug="other", code="X", summary="x", live=False, locale=site.course.locale
        )
        site.course.get_parent().add_child(instance=found)
    return found
