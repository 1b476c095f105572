"""Refusals before the fact: the numbers, the way out, and the draft kept."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from wagtail.models import Page

from activities.core.models import Notification
from courses.catalogue.models import LessonPage
from courses.releases.models import CourseState
from courses.releases.refusals import why_not_publish
from courses.releases.settle import settle
from tests.factories.courses import add_activity, add_lesson
from tests.factories.people import UserFactory
from tests.paths.paths import bulk, edit, scheduled, under_review
from tests.paths.site import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return build()


def said(response) -> str:
    return " ".join(str(message) for message in response.context["messages"])


def after(site, response) -> str:
    return said(site.admin.get(response.url)) if response.status_code == 302 else said(response)


def test_the_editor_says_the_numbers_and_keeps_the_draft(site):
    text = after(site, edit(site, site.lesson, minutes="45", **{"action-publish": "1"}))
    for number in ("45", "69.23", "20", "30.77", "65", "10"):
        assert number in text
    assert "Your draft has been saved" in text
    assert site.lesson.get_latest_revision_as_object().minutes == 45


def test_scheduling_is_refused_like_publishing(site):
    later = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%d %H:%M")
    response = edit(site, site.lesson, minutes="45", go_live_at=later, **{"action-publish": "1"})
    assert "Cannot publish yet" in after(site, response)
    assert not site.lesson.revisions.filter(approved_go_live_at__isnull=False).exists()


def test_submitting_for_review_is_refused_and_the_draft_is_kept(site):
    lesson = site.lesson
    under_review(site, lesson).workflow_state.cancel()
    from wagtail.models import Workflow, WorkflowPage

    WorkflowPage.objects.create(workflow=Workflow.objects.get(name="Review"), page=site.course)
    response = edit(site, lesson, minutes="45", **{"action-submit": "1"})
    text = after(site, response)
    assert "Cannot publish yet" in text
    assert "submitted" not in text  # one answer, not two that contradict each other
    lesson = site.lesson
    assert lesson.current_workflow_state is None
    assert lesson.get_latest_revision_as_object().minutes == 45


def reviewed(site):
    """The course under a workflow whose reviewer is another course manager."""
    from wagtail.models import Workflow, WorkflowPage

    under_review(site, site.lesson).workflow_state.cancel()
    workflow = Workflow.objects.get(name="Review")
    WorkflowPage.objects.create(workflow=workflow, page=site.course)
    reviewer = UserFactory()
    reviewer.groups.set(workflow.tasks[0].specific.groups.all())
    mail.outbox.clear()
    return reviewer


@pytest.mark.parametrize(("minutes", "told"), [("45", False), ("26", True)])
def test_reviewers_are_written_to_about_what_was_submitted_only(
    site, django_capture_on_commit_callbacks, minutes, told
):
    reviewer = reviewed(site)
    with django_capture_on_commit_callbacks(execute=True):
        edit(site, site.lesson, minutes=minutes, **{"action-submit": "1"})
    assert any(reviewer.email in message.to for message in mail.outbox) is told


def test_what_fits_can_be_submitted(site):
    from wagtail.models import Workflow, WorkflowPage

    under_review(site, site.lesson).workflow_state.cancel()
    WorkflowPage.objects.create(workflow=Workflow.objects.get(name="Review"), page=site.course)
    edit(site, site.lesson, minutes="26", **{"action-submit": "1"})
    assert site.lesson.current_workflow_state is not None


def test_an_approval_that_would_break_the_course_is_a_message_and_the_review_goes_on(site):
    lesson = site.lesson
    site.draft(lesson, minutes=45)
    task_state = under_review(site, lesson)
    url = reverse("wagtailadmin_pages:workflow_action", args=[lesson.pk, "approve", task_state.pk])
    response = site.admin.post(url, {"comment": ""})
    assert "Cannot publish yet" in after(site, response)
    task_state.refresh_from_db()
    assert task_state.status == "in_progress"
    assert site.lesson.minutes == 25


def test_an_approval_in_the_dialog_is_answered_as_the_dialog_expects(site):
    lesson = site.lesson
    site.draft(lesson, minutes=45)
    task_state = under_review(site, lesson)
    url = reverse("wagtailadmin_pages:workflow_action", args=[lesson.pk, "approve", task_state.pk])
    response = site.admin.post(url, {"comment": ""}, headers={"x-requested-with": "XMLHttpRequest"})
    assert response.json()["step"] == "success"
    assert "Cannot publish yet" in said(site.admin.get(response.json()["redirect"]))


@pytest.mark.parametrize("action", ["unpublish", "delete"])
def test_what_the_course_needs_is_not_taken_away(site, action):
    response = site.admin.post(reverse(f"wagtailadmin_pages:{action}", args=[site.activity.pk]))
    text = after(site, response)
    assert site.activity.title in text and "is needed" in text
    assert site.activity.live


def test_a_section_with_the_only_activity_is_needed_too(site):
    from courses.catalogue.models import SectionPage

    section = SectionPage(title="ส่วน", slug="part", locale=site.course.locale)
    site.course.add_child(instance=section)
    site.activity.move(section, pos="last-child")
    settle(site.course.translation_key)
    assert site.state.current is not None
    response = site.admin.post(reverse("wagtailadmin_pages:delete", args=[section.pk]))
    assert "is needed" in after(site, response)
    assert SectionPage.objects.filter(pk=section.pk).exists()


def test_what_the_course_can_do_without_goes(site):
    extra = add_activity(site.course, "discussion", "a2")
    settle(site.course.translation_key)
    site.admin.post(reverse("wagtailadmin_pages:delete", args=[extra.pk]))
    assert not Page.objects.filter(pk=extra.pk).exists()


def test_bulk_publishing_leaves_out_one_and_does_the_other(site):
    light = add_lesson(site.course, "light", 1, live=False)
    light.save_revision()
    site.draft(site.lesson, minutes=300)
    response = bulk(site, "publish", light, site.lesson)
    text = after(site, response)
    assert "was left out" in text and "300" in text
    assert LessonPage.objects.get(pk=light.pk).live
    assert site.lesson.minutes == 25


def test_bulk_publishing_judges_pages_together(site):
    """Neither of two lessons breaks the course alone; both would."""
    for slug in ("x", "y"):
        add_lesson(site.course, slug, 4, live=False).save_revision()
    pages = list(LessonPage.objects.filter(slug__in=["x", "y"]))
    bulk(site, "publish", *pages)
    assert LessonPage.objects.filter(slug__in=["x", "y"], live=True).count() == 1


def test_bulk_deleting_judges_pages_together(site):
    extra = add_activity(site.course, "discussion", "a2")
    lesson = site.lesson
    lesson.minutes = 50
    lesson.save()
    settle(site.course.translation_key)
    both = [site.activity.pk, extra.pk]
    bulk(site, "delete", site.activity, extra)
    assert Page.objects.filter(pk__in=both).count() == 1


def test_the_clock_publishes_one_page_and_tells_the_author_of_the_other(site):
    author = UserFactory(preferred_language="en")
    light = add_lesson(site.course, "light", 1, live=False)
    scheduled(site, light)
    refused = scheduled(site, site.lesson, minutes=300)
    type(refused).objects.filter(pk=refused.pk).update(user=author)
    out = io.StringIO()
    call_command("publish_scheduled", stdout=out)
    assert LessonPage.objects.get(pk=light.pk).live
    assert site.lesson.minutes == 25
    refused.refresh_from_db()
    assert refused.approved_go_live_at is not None
    assert "1 published, 0 expired, 1 refused, 0 failed." in out.getvalue()
    assert Notification.objects.get(user=author).kind == "schedule_refused"


def test_the_author_is_told_once_by_mail(site, django_capture_on_commit_callbacks):
    author = UserFactory(preferred_language="en")
    refused = scheduled(site, site.lesson, minutes=300)
    type(refused).objects.filter(pk=refused.pk).update(user=author)
    for _time in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            call_command("publish_scheduled", stdout=io.StringIO())
    assert [message.to for message in mail.outbox] == [[author.email]]


def test_once_it_fits_the_clock_publishes_it(site):
    refused = scheduled(site, site.lesson, minutes=45)
    call_command("publish_scheduled", stdout=io.StringIO())
    add_activity(site.course, "discussion", "a2")
    settle(site.course.translation_key)
    call_command("publish_scheduled", stdout=io.StringIO())
    assert site.lesson.minutes == 45
    refused.refresh_from_db()
    assert refused.approved_go_live_at is None


def test_reviewers_hear_when_a_course_goes_off_offer(site):
    manager = UserFactory()
    manager.groups.add(Group.objects.get(name="Course managers"))
    site.activity.unpublish()
    settle(site.course.translation_key)
    assert Notification.objects.get(user=manager).kind == "course_withdrawn"


def test_a_dry_run_changes_nothing(site):
    scheduled(site, site.lesson, minutes=26)
    call_command("publish_scheduled", "--dryrun", stdout=io.StringIO())
    assert site.lesson.minutes == 25


def test_check_ratio_is_content_with_a_good_site(site, capsys):
    call_command("check_ratio")
    assert "1 course served, 0 problems." in capsys.readouterr().out


def test_check_ratio_names_drift_and_ends_with_1(site, capsys):
    from courses.releases.models import ReleaseItem

    entry = ReleaseItem.objects.filter(release=site.release).select_related("version").last()
    type(entry.version).objects.filter(pk=entry.version.pk).update(active=10)
    with pytest.raises(SystemExit) as end:
        call_command("check_ratio", "--json", "--course", "course")
    assert end.value.code == 1
    assert '"code": "drift"' in capsys.readouterr().out


def test_check_ratio_of_no_course(site):
    from django.core.management import CommandError

    with pytest.raises(CommandError, match="no-such"):
        call_command("check_ratio", "--course", "no-such")


def test_settle_all_says_what_became_of_each(site, capsys):
    call_command("settle_all")
    assert capsys.readouterr().out == "[1/1] course: offered\n1 offered\n"


def test_the_api_without_a_token_answers_nothing(client, settings):
    settings.ROOT_URLCONF = "tests.paths.urls"
    answer = client.get("/api/authoring/pages/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_the_api_is_off_unless_switched_on(client, site):
    answer = client.get("/api/authoring/pages/", headers={"authorization": "Bearer x"}, follow=True)
    assert answer.status_code == 404


def test_a_long_course_settles_in_few_queries(site, django_assert_max_num_queries):
    for n in range(295):
        site.course.add_child(
            instance=LessonPage(
                title=f"l{n}", slug=f"m{n}", minutes=1, live=True, locale=site.course.locale
            )
        )
    for n in range(4):
        add_activity(site.course, "workshop", f"w{n}", instructions=f"งานที่ {n}")
    with django_assert_max_num_queries(30):
        state = settle(site.course.translation_key)
    assert isinstance(state, CourseState)
    assert not [p for p in state.problems if p["code"] == "failed"]


def test_two_scheduled_lessons_that_fit_alone_but_not_together(site, time_machine):
    """Both may be scheduled; when the time comes the second would break the course and stays."""
    pages = [add_lesson(site.course, slug, 1, live=False) for slug in ("x", "y")]
    later = (timezone.localtime() + timedelta(hours=1)).strftime("%Y-%m-%d %H:%M")
    for page in pages:
        response = edit(
            site, page, slug=page.slug, minutes="4", go_live_at=later, **{"action-publish": "1"}
        )
        assert "Cannot publish yet" not in after(site, response)
    time_machine.move_to(timezone.now() + timedelta(hours=2), tick=False)
    out = io.StringIO()
    call_command("publish_scheduled", stdout=out)
    assert "1 published, 0 expired, 1 refused, 0 failed." in out.getvalue()
    assert LessonPage.objects.filter(slug__in=["x", "y"], live=True).count() == 1
    assert Notification.objects.filter(user=site.user, kind="schedule_refused").count() == 1


def unpublished(site):
    """The course as an author has it who has not published anything yet."""
    site.course.unpublish()
    for page in site.course.get_children().live().specific():
        page.unpublish()
    return site.course


@override("en")
def test_a_course_whose_parts_are_drafts_is_told_to_publish_them_together(site):
    """Most people begin with the course page; the minutes are all in the drafts below it."""
    first, *others = why_not_publish(unpublished(site))
    assert "the course has no minutes" in first
    assert "press Publish and include the pages below" in others[-1]


@override("en")
def test_drafts_that_would_not_pass_either_are_not_recommended(site):
    course = unpublished(site)
    site.activity.delete()
    texts = " ".join(why_not_publish(course))
    assert "Cannot publish yet" in texts
    assert "include the pages below" not in texts


def test_a_schedule_in_years_of_the_buddhist_era_is_for_this_century(site):
    later = timezone.localtime() + timedelta(days=40)
    typed = f"{later.year + 543}-{later:%m-%d %H:%M}"
    edit(site, site.lesson, minutes="26", go_live_at=typed)
    draft = site.lesson.get_latest_revision_as_object()
    assert timezone.localtime(draft.go_live_at).date() == later.date()
