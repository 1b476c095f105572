"""What people write to one another never runs as a script: works and reviews, reports and appeals, messages,
announcements, opinions, and the reasons of those who decide. As `test_stored_scripts.py`, without the policy."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from activities.core.models import Decision
from activities.discussion.models import Grade, Post, PostRevision, Talk
from activities.workshop.models import (
    Review,
    ReviewLease,
    ReviewReaction,
    SimilarWorks,
    Submission,
    SubmissionRevision,
)
from courses.catalogue.models import CoursePage
from courses.community.models import LessonFeedback, SurveyAnswer
from courses.enrolment.models import Application, Enrolment, PlaceEvent
from courses.grades.models import GradeOverride
from courses.teaching.models import Announcement, Message
from lms.people.roles import CENTRAL_ADMINISTRATOR, COURSE_MANAGER, INSTRUCTOR
from tests.factories.people import UserFactory
from tests.factories.run_people import InRun, versions_of
from tests.factories.site import SLUG, demo_course, the_run

from .test_stored_scripts import corpus, open_as_each

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

ENOUGH = 5  # people, from whom on opinions are told


class Texts:
    """Texts full of scripts, each with a name by which it is found again on a page."""

    def __init__(self):
        self.names: list[str] = []
        self.strings = corpus()

    def __call__(self, name: str, most: int = 100_000) -> str:
        """As much of the corpus as a field holds; a short field begins elsewhere in it than the one before."""
        start = 0 if most > 20_000 else 17 * len(self.names) % len(self.strings)
        self.names.append(name)
        text = f"«{name}»"
        for string in self.strings[start:] + self.strings[:start]:
            if len(text) + len(string) >= most:
                break
            text += f"\n{string}"
        return text


def a_workshop(people, teacher, text) -> ReviewLease:
    """Works that were sent and reviewed, with every text in them replaced. Returns what the last one holds."""
    *authors, last = people
    for one in people:
        one.worker.send()
        one.worker.practise()
    lease = last.worker.take()
    for one in authors:
        one.worker.duty()
    for one in authors:
        one.worker.advance()
    for work in Submission.objects.all():
        values = {name: text(f"work {name}") for name in work.values}
        Submission.objects.filter(pk=work.pk).update(values=values, plan=text("plan"))
    first, second = authors[0].work, authors[1].work
    now = timezone.now()
    Submission.objects.filter(pk=first.pk).update(
        shared_at=now,
        featured_at=now,
        override=50,
        override_reason=text("override"),
        planned_at=now,
    )
    SubmissionRevision.objects.create(
        submission=first,
        version=9,
        improved=True,
        values={k: text("improved") for k in first.values},
    )
    for review in Review.objects.exclude(submission=None):
        scores = {k: {**given, "comment": text("comment")} for k, given in review.scores.items()}
        Review.objects.filter(pk=review.pk).update(
            scores=scores, overall=text(f"{review.kind} overall")
        )
    of_first = Review.objects.filter(submission=first, kind="peer")
    of_second = Review.objects.filter(submission=second, kind="peer")
    of_first.filter(pk=of_first.first().pk).update(disputed_at=now, dispute_reason=text("dispute"))
    of_second.filter(pk=of_second.first().pk).update(
        disputed_at=now,
        dispute_reason=text("old dispute"),
        dispute_decided_at=now,
        dispute_answer=text("dispute answer"),
    )
    of_first.filter(pk=of_first.last().pk).update(excluded_at=now, excluded_reason=text("excluded"))
    ReviewReaction.objects.update_or_create(
        review=of_first.last(), defaults={"reaction": "improper", "text": text("reaction")}
    )
    Review.objects.create(
        kind="instructor",
        submission=first,
        author=authors[0].worker.participation,
        by=teacher,
        version=first.version,
        scores=of_first.first().scores,
        overall=text("instructor overall"),
    )
    ReviewLease.objects.create(
        submission=second,
        author=authors[1].worker.participation,
        reviewer=last.worker.participation,
        state="declined",
        reason="unreadable",
        detail=text("cannot review"),
        expires_at=now,
    )
    SimilarWorks.objects.create(
        submission=first,
        other=second,
        share=80,
        decided_at=now,
        decided_by=teacher,
        note=text("similar"),
    )
    return lease


def a_talk(people, teacher, text) -> dict[str, Post]:
    """A discussion with a report, an appeal, a summary and a grade."""
    first, second = people[0].talker, people[1].talker
    first.answer(0)
    second.answer(1)
    second.reply(first.post(), 0)
    first.reply(second.post(), 2)
    posts = {"answer": first.post(), "other": second.post()}
    posts["hidden"] = Post.objects.get(kind="reply", author=first.user)
    for post in Post.objects.exclude(author=None):
        Post.objects.filter(pk=post.pk).update(body=text(f"post {post.kind}"))
        PostRevision.objects.create(post=post, body=text("revision"))
    now = timezone.now()
    posts["answer"].reports.create(reporter=second.user, reason="rude", detail=text("report"))
    Post.objects.filter(pk=posts["answer"].pk).update(state="flagged")
    Post.objects.filter(pk=posts["hidden"].pk).update(
        state="removed",
        state_reason=text("removed"),
        moderated_by=teacher,
        moderated_at=now,
        appeal=text("appeal"),
        appealed_at=now,
    )
    here = first.participation
    Talk.objects.update_or_create(
        cohort=here.cohort,
        item=here.item,
        defaults={"summary": text("summary"), "summary_by": teacher, "summary_at": now},
    )
    Grade.objects.create(
        participation=here, score=70, comment=text("grade"), by=teacher, released_at=now
    )
    return posts


def about_the_course(state, run, people, teacher, versions, text) -> tuple:
    """Messages, announcements, opinions and reasons. Returns who was refused and who was taken out."""
    first = people[0]
    now = timezone.now()
    for by_staff, name in ((False, "message"), (True, "answer")):
        Message.objects.create(
            run=run,
            learner=first.user,
            author=teacher if by_staff else first.user,
            by_staff=by_staff,
            body=text(name),
        )
    Announcement.objects.create(
        run=run, author=teacher, title=text("heading", 120), body=text("announcement", 4000)
    )
    for one in people:
        LessonFeedback.objects.create(
            user=one.user,
            course=state.course,
            item=versions["lesson"].item,
            version=versions["lesson"],
            useful=False,
            why=text("opinion", 2000),
        )
        SurveyAnswer.objects.create(
            enrolment=one.enrolment, content=1, best=text("best", 2000), better=text("better", 2000)
        )
    for kind, more in (("extension", {"until": now + timedelta(days=9)}), ("excuse", {})):
        Decision.objects.create(
            kind=kind,
            seat=first.enrolment.seat,
            item=versions["quiz"].item,
            reason=text(kind),
            by=teacher,
            **more,
        )
    GradeOverride.objects.create(
        enrolment=first.enrolment, value=50, reason=text("grade by hand"), by=teacher
    )
    PlaceEvent.objects.create(run=run, user=first.user, kind="returned", note=text("note", 500))
    asking, refused, out = (UserFactory() for _n in range(3))
    Application.objects.create(run=run, user=asking, state="pending", why=text("why", 2000))
    Application.objects.create(
        run=run, user=refused, state="refused", reason=text("refusal", 500), decided_by=teacher
    )
    Enrolment.objects.create(
        user=out,
        run=run,
        state="withdrawn",
        withdrawn_at=now,
        withdrawn_by=teacher,
        withdrawn_reason=text("taken out", 500),
    )
    return refused, out


@pytest.fixture
def place(live_server, settings):
    """({person: addresses}, the names of the texts that must be read somewhere)."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "csp" not in name.lower()]
    state, run, text = demo_course(), the_run(), Texts()
    entries = state.current.outline["items"]
    slugs = {entry["kind"]: entry["slug"] for entry in entries}
    versions = versions_of(state)
    people = [InRun(state, run, versions, first_name=f"คนที่{n}") for n in range(ENOUGH)]
    teacher, manager, central = (UserFactory() for _n in range(3))
    for somebody, role in (
        (teacher, INSTRUCTOR),
        (manager, COURSE_MANAGER),
        (central, CENTRAL_ADMINISTRATOR),
    ):
        somebody.groups.add(Group.objects.get(name=role))
    run.instructors.add(teacher)
    lease = a_workshop(people, teacher, text)
    posts = a_talk(people, teacher, text)
    refused, out = about_the_course(state, run, people, teacher, versions, text)

    def learn(kind, step):
        return reverse("item_step", args=[SLUG, slugs[kind], step])

    def desk(kind, step):
        return reverse("teach_item_step", args=[run.pk, versions[kind].item, step])

    first, second, last = people[0], people[1], people[-1]
    course = CoursePage.objects.get(translation_key=state.course, locale__language_code="th")
    desks = [
        desk("workshop", "attention"),
        desk("workshop", "gallery"),
        *[desk("workshop", f"work-{p.worker.participation.pk}") for p in (first, second)],
        desk("discussion", "check"),
        desk("discussion", f"learner-{first.talker.participation.pk}"),
        *[desk("discussion", f"post-{posts[name].pk}") for name in ("answer", "hidden")],
        *[
            reverse(name, args=[run.pk, first.enrolment.pk])
            for name in ("teach_person", "teach_conversation", "teach_place", "teach_grade")
        ],
        *[
            reverse(name, args=[run.pk])
            for name in ("teach_messages", "teach_announcements", "teach_enrol", "run_survey")
        ],
        reverse("teach_place", args=[run.pk, Enrolment.objects.get(run=run, user=out).pk]),
    ]
    opinions = reverse("community_opinions", args=[course.pk])
    course_page = reverse("course", args=[SLUG])
    return {
        first.user: [
            reverse("dashboard"),
            reverse("notices"),
            reverse("my_conversation", args=[run.pk]),
            reverse("my_grades", args=[SLUG]),
            learn("workshop", "results"),
            learn("discussion", "mine"),
            learn("discussion", "stream"),
            learn("discussion", f"appeal-{posts['hidden'].pk}"),
        ],
        second.user: [
            learn("workshop", "results"),
            learn("workshop", "gallery"),
            learn("discussion", f"post-{posts['answer'].pk}"),
        ],
        last.user: [learn("workshop", f"review-{lease.pk}")],
        refused: [course_page, reverse("run_join", args=[SLUG, run.key])],
        out: [course_page, reverse("dashboard")],
        teacher: [*desks, opinions],
        manager: [*desks, opinions],
        central: desks,
    }, set(text.names)


def test_what_people_write_to_one_another_never_runs(live_server, place, client, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    pages, names = place
    shown, fired, broken = open_as_each(live_server, client, pages)
    assert broken == []
    assert fired == []
    everything = "".join(shown.values())
    assert [name for name in names if f"«{name}»" not in everything] == [], "kept, and read nowhere"
    assert "&lt;script&gt;top.fired=1" in everything
