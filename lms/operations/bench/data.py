"""A site's worth of people, courses and work, put into the database in bulk.

The rows are what authors and learners would have made through the pages: item texts are snapshots
of real pages of the demonstration course, posts and works are its sample texts.
"""

import hashlib
import json
import uuid
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from wagtail.models import Locale

from activities.core.enums import Category, State
from activities.core.models import Attempt, ItemVersion, Participation
from activities.discussion import course_file as discussion_file
from activities.discussion.enums import PostKind
from activities.discussion.enums import Stage as DiscussionStage
from activities.discussion.models import DiscussionPage, Member, Post
from activities.discussion.models import Group as DiscussionGroup
from activities.quiz import course_file as quiz_file
from activities.quiz.models import QuizPage
from activities.role_play import course_file as role_play_file
from activities.role_play.models import RolePlaySoloPage
from activities.workshop import course_file as workshop_file
from activities.workshop.enums import LeaseState, ReviewKind, SubmissionState
from activities.workshop.enums import Stage as WorkshopStage
from activities.workshop.models import Review, ReviewLease, Submission, WorkshopPage
from courses.catalogue import models as catalogue
from courses.catalogue.located_yaml import load
from courses.enrolment.models import CourseRun, Enrolment
from courses.enrolment.rules import INSTRUCTORS
from courses.grades import grading
from courses.grades.models import Grade
from courses.grades.scheme import DEFAULT
from courses.releases import cut
from courses.releases.models import CourseRelease, CourseState, ReleaseItem
from lms.operations.site_tree import ensure_site
from lms.people import sums
from lms.people.models import Agency, Membership, User
from search import checking
from search.models import PassageRow

DOMAIN = "@bench.example"
COURSE_FILE = Path(catalogue.__file__).parent / "data" / "dl-101.yaml"
# Twelve items of a course; longer courses repeat them.
PATTERN = (
    "lecture", "lecture", "discussion", "lecture", "role_play_solo", "lecture",
    "workshop", "lecture", "assessment", "lecture", "discussion", "workshop",
)  # fmt: skip
PAGES = {
    "discussion": (DiscussionPage, discussion_file),
    "role_play_solo": (RolePlaySoloPage, role_play_file),
    "workshop": (WorkshopPage, workshop_file),
    "assessment": (QuizPage, quiz_file),
}
FIRST_NAMES = ("สมชาย", "สมหญิง", "วิภาวดี", "ธนกฤต", "ปิยะนุช", "กิตติศักดิ์", "อรพรรณ", "ณัฐพล")
LAST_NAMES = ("ใจดี", "ศรีสุวรรณ", "วงศ์ประเสริฐ", "แก้วมณี", "รุ่งเรืองกิจ", "พัฒนาพงศ์", "ทองสุข")
SEARCHED = "ข้อมูลเปิด"
SEARCHED_PASSAGES = "ความปลอดภัย"
GROWN = "growth"  # the `last_step` of enrolments that the second pass adds
BATCH = 500
DEPARTMENTS = 20


@dataclass(frozen=True)
class Size:
    courses: int
    items: int
    items_of_largest: int
    people: int
    enrolments: int
    grown: int
    cohort: int
    posts: int
    works: int
    reviews: int


SIZES = {
    "small": Size(6, 12, 14, 60, 100, 200, 50, 40, 20, 3),
    "full": Size(200, 60, 68, 10_000, 10_000, 100_000, 1_000, 50, 300, 5),
}


class Foreign(Exception):
    """The database holds somebody's real data."""


class OtherSize(Exception):
    """The database was filled with another size."""


# -- texts --------------------------------------------------------------------------------------


class Templates:
    """The twelve items of the pattern, as they would be released: versions and outline entries."""

    def __init__(self, course_page):
        raw = load(COURSE_FILE.read_text())["courses"][0]["items"]
        by_kind: dict = {}
        for item in raw:
            by_kind.setdefault(item["kind"], []).append(item)
        self.items = []
        for n, kind in enumerate(PATTERN):
            item = by_kind[kind][n % len(by_kind[kind])]
            key = uuid.uuid4()
            pages = [unsaved(item, language, f"item-{n}", key) for language in ("th", "en")]
            self.items.append(cut.build_item(pages[0], pages[1:], None))
        candidate = cut.Candidate(page=course_page, texts={"th": {"title": "", "summary": ""}})
        candidate.items = self.items
        self.entries = cut.outline_of(candidate)["items"]


def unsaved(item: dict, language: str, slug: str, key: uuid.UUID):
    if item["kind"] == "lecture":
        model, fields = catalogue.LessonPage, {"body": lesson_body(item, language)}
    else:
        model, course_file = PAGES[item["kind"]]
        fields = course_file.from_course_file(item, language)
    fields = {
        name: json.dumps(value) if isinstance(value, list) else value
        for name, value in fields.items()
    }
    return model(
        title=item["title"][language],
        slug=slug,
        minutes=item["minutes"],
        required=item.get("required", True),
        locale=Locale.objects.get_or_create(language_code=language)[0],
        translation_key=key,
        **fields,
    )


def lesson_body(item: dict, language: str) -> list[dict]:
    body = []
    for block in item["body"]:
        if block["type"] == "heading":
            body.append({"type": "heading", "value": block["text"][language]})
        elif block["type"] == "text":
            body.append({"type": "text", "value": block["html"][language]})
    return body


# -- filling ------------------------------------------------------------------------------------


@dataclass
class Bench:
    """What was put into the database, for those who measure."""

    size: Size
    learner: User
    instructor: User
    administrator: User
    largest: CourseState
    course: CourseState
    run: CourseRun

    def entry(self, kind: str, nth: int = 0) -> dict:
        """The nth item of a kind in the cohort's course."""
        return [e for e in self.course.current.outline["items"] if e["kind"] == kind][nth]


def check_owner() -> None:
    """Raises `Foreign` when there are people who were not made here."""
    if User.objects.exclude(email__endswith=DOMAIN).exists():
        raise Foreign


def slug_of(n: int) -> str:
    return f"bench-{n:03}"


def address(name) -> str:
    return f"{name}{DOMAIN}"


def prepare(name: str) -> Bench:
    """Fill the database, or find it filled. Raises `Foreign`, `OtherSize`."""
    check_owner()
    size = SIZES[name]
    if not User.objects.exists():
        course_page = pages()
        with transaction.atomic():
            fill(size, course_page)
    if CourseState.objects.filter(slug__startswith="bench-").count() != size.courses:
        raise OtherSize
    if not Agency.objects.exists():
        with transaction.atomic():
            fill_agencies(list(User.objects.order_by("pk")))
    if not PassageRow.objects.filter(kind="course").exists():
        checking.rebuild(lambda _line: None)
    shrink()
    keep_sums()
    found = Bench(
        size=size,
        learner=User.objects.get(email=address(0)),
        instructor=User.objects.get(email=address("teacher")),
        administrator=User.objects.get(email=address("director")),
        largest=CourseState.objects.select_related("current").get(slug=slug_of(0)),
        course=CourseState.objects.select_related("current").get(slug=slug_of(1)),
        run=CourseRun.objects.get(pacing=CourseRun.Pacing.COHORT),
    )
    now = timezone.now()  # filled a while ago: the same day again
    Submission.objects.update(submitted_at=now - timedelta(days=2))
    ReviewLease.objects.filter(state=LeaseState.HELD).update(
        leased_at=now, expires_at=now + timedelta(days=1)
    )
    return found


def pages() -> catalogue.CoursePage:
    """Home, catalogue, and the page of the largest course; the others need no pages of their own.

    Outside the transaction of the rest: a course is settled after commit, which would withdraw
    what has no item pages.
    """
    locale = Locale.objects.get_or_create(language_code="th")[0]
    ensure_site()
    catalog = catalogue.CatalogPage.objects.get(locale=locale)
    found = catalogue.CoursePage.objects.filter(slug=slug_of(0)).first()
    if found is not None:
        return found  # filling was interrupted
    page = catalogue.CoursePage(
        title="หลักสูตรใหญ่", slug=slug_of(0), code="BM-000", summary="หลักสูตรใหญ่", locale=locale
    )
    catalog.add_child(instance=page)
    return page


def fill(size: Size, course_page) -> None:
    now = timezone.now()
    people = fill_people(size)
    states = fill_courses(size, course_page, now)
    runs = fill_runs(states, people)
    fill_enrolments(size, runs, people, now)
    cohort = list(Enrolment.objects.filter(run=runs[1]).order_by("user_id"))
    fill_cohort(size, states[1], runs[1], cohort, now)


def fill_people(size: Size) -> list[User]:
    names = [str(n) for n in range(size.people)] + ["teacher"]
    people = User.objects.bulk_create(
        [
            User(
                email=address(name),
                password="!",  # noqa: S106 - an unusable one
                first_name=FIRST_NAMES[n % len(FIRST_NAMES)],
                last_name=LAST_NAMES[n % len(LAST_NAMES)],
            )
            for n, name in enumerate(names)
        ],
        batch_size=BATCH,
    )
    people[-1].groups.add(Group.objects.get_or_create(name=INSTRUCTORS)[0])
    return people


def fill_agencies(people: list[User]) -> None:
    """A ministry with departments that everybody belongs to, and its administrator."""
    ministry = Agency.add_root(name_th="กระทรวงตัวอย่าง", code="bench")
    departments = [
        ministry.add_child(name_th=f"กรมตัวอย่างที่ {n}", code=f"bench-{n}")
        for n in range(1, DEPARTMENTS + 1)
    ]
    director = User.objects.create(email=address("director"), password="!")  # noqa: S106
    role = Membership.Role.ADMINISTRATOR
    Membership.objects.create(user=director, agency=ministry, role=role)
    Membership.objects.bulk_create(
        [
            Membership(user=person, agency=departments[n % DEPARTMENTS], position="นักวิชาการ")
            for n, person in enumerate(people)
        ],
        batch_size=BATCH,
    )


def fill_courses(size: Size, course_page, now) -> list[CourseState]:
    templates = Templates(course_page)
    groups = list(catalogue.TargetGroup.objects.values_list("pk", flat=True))
    skills = list(catalogue.SkillGroup.objects.values_list("pk", flat=True))
    raw = load(COURSE_FILE.read_text())["courses"][0]
    states = []
    for n in range(size.courses):
        key = course_page.translation_key if n == 0 else uuid.uuid4()
        count = size.items_of_largest if n == 0 else size.items
        versions, entries = zip(
            *[item_of(templates, n, place) for place in range(count)], strict=True
        )
        versions = ItemVersion.objects.bulk_create(versions, batch_size=50)
        words = SEARCHED if n % 10 == 3 or n == 3 else "งานบริการ"
        titles = {
            "th": f"{raw['title']['th']} {words} รุ่นที่ {n}",
            "en": f"{raw['title']['en']}, {n}",
        }
        release = CourseRelease.objects.create(
            course=key,
            number=1,
            lecture=sum(version.lecture for version in versions),
            active=sum(version.active for version in versions),
            neutral=sum(version.neutral for version in versions),
            outline={
                "slug": slug_of(n),
                "code": f"BM-{n:03}",
                "level": "foundation",
                "pacing": "rolling",
                "target_groups": sorted(groups[n % 3 :: 2]),
                "skill_groups": sorted(skills[n % 4 :: 3]),
                "titles": titles,
                "summaries": raw["summary"],
                "sections": [],
                "items": list(entries),
            },
            texts={
                language: {
                    "title": titles[language],
                    "summary": raw["summary"][language],
                    "outcomes": json.dumps(
                        [{"type": "outcome", "value": o[language]} for o in raw["outcomes"]]
                    ),
                }
                for language in ("th", "en")
            },
            digest=hashlib.sha256(slug_of(n).encode()).hexdigest(),
            created_at=now - timedelta(minutes=n),
        )
        ReleaseItem.objects.bulk_create(
            ReleaseItem(release=release, position=place, version=version)
            for place, version in enumerate(versions, start=1)
        )
        state, _created = CourseState.objects.update_or_create(
            course=key,
            defaults={
                "status": CourseState.Status.OFFERED,
                "current": release,
                "slug": slug_of(n),
                "dirty": False,
                "problems": [],
                "settled_at": now,
            },
        )
        states.append(state)
    return states


def item_of(templates: Templates, course: int, place: int) -> tuple[ItemVersion, dict]:
    """A version of its own and the entry in the outline, after the pattern."""
    which = place % len(PATTERN)
    like, entry = templates.items[which].version, deepcopy(templates.entries[which])
    key, slug = uuid.uuid4(), f"item-{place + 1}"
    # The courses that nobody looks at exist in one language: half of the bytes on the disk.
    languages = ("th", "en") if course < 2 else ("th",)
    entry["titles"] = {lang: f"{like.texts[lang]['title']} ({place + 1})" for lang in languages}
    texts = {
        lang: {
            **like.texts[lang],
            "title": entry["titles"][lang],
            "slug": slug,
            "translation_key": str(key),
        }
        for lang in languages
    }
    entry |= {"key": str(key), "slug": slug}
    version = ItemVersion(
        item=key,
        kind=like.kind,
        category=like.category,
        declared=like.declared,
        required=like.required,
        lecture=like.lecture,
        active=like.active,
        neutral=like.neutral,
        source_language="th",
        languages=sorted(languages),
        texts=texts,
        digest=hashlib.sha256(key.bytes).hexdigest(),
    )
    return version, entry


def fill_runs(states: list[CourseState], people: list[User]) -> list[CourseRun]:
    """A rolling run of every course, but a cohort of the second one."""
    pacing = CourseRun.Pacing
    runs = CourseRun.objects.bulk_create(
        CourseRun(
            course=state.course,
            name="รุ่นที่ 1" if n == 1 else "",
            pacing=pacing.COHORT if n == 1 else pacing.ROLLING,
        )
        for n, state in enumerate(states)
    )
    runs[1].instructors.add(people[-1])
    return runs


def fill_enrolments(size: Size, runs: list[CourseRun], people: list[User], now) -> None:
    """The cohort, the learner in eight courses, and everybody else somewhere."""
    first = people[0]
    rows = [(person, runs[1]) for person in people[: size.cohort]]
    rows += [(first, run) for n, run in enumerate(runs[:8]) if n != 1]
    rows += list(places(size, runs, people, size.enrolments - len(rows)))
    save_enrolments(rows, now)


def places(size: Size, runs: list, people: list, count: int, skip: int = 0):
    """`count` pairs of a person and a run that are not taken yet."""
    others = runs[2:]
    for n in range(skip, skip + count):
        turn, person = divmod(n, size.people - 1)
        yield people[1 + person], others[(person + turn) % len(others)]


def save_enrolments(rows, now, step: str = "") -> None:
    Enrolment.objects.bulk_create(
        (
            Enrolment(
                user=person,
                run=run,
                last_step=step,
                last_seen_at=now - timedelta(hours=n % 400),
                enrolled_at=now - timedelta(days=30),
            )
            for n, (person, run) in enumerate(rows)
        ),
        batch_size=BATCH,
    )


def grow(bench: Bench) -> int:
    """Bring the enrolments to the larger number, elsewhere than in what is looked at."""
    size = bench.size
    taken = Enrolment.objects.count()
    people = list(User.objects.filter(email__endswith=DOMAIN).order_by("pk"))[: size.people]
    runs = list(CourseRun.objects.order_by("pk"))
    before = size.enrolments - size.cohort - (min(8, size.courses) - 1)
    save_enrolments(places(size, runs, people, size.grown - taken, before), timezone.now(), GROWN)
    keep_sums()
    return Enrolment.objects.count()


def shrink() -> None:
    """Take away what an earlier run let grow. Nothing hangs on it, so the rows go at once, and who had
    them is noted as deleting one by one would do."""
    grown = Enrolment.objects.filter(last_step=GROWN)
    with transaction.atomic():
        sums.note(grown.order_by().values_list("user_id", flat=True).distinct())
        grown._raw_delete(grown.db)


def keep_sums() -> None:
    """Have the sums of the agencies' report hold what was filled, as the scheduler does on a site."""
    if sums.standing().filled:
        sums.count_waiting()
    else:
        sums.check()


# -- the cohort ---------------------------------------------------------------------------------


def fill_cohort(size: Size, state, run, cohort: list[Enrolment], now) -> None:
    entries = state.current.outline["items"]
    versions = {
        str(version.item): version
        for version in ItemVersion.objects.filter(item__in=[e["key"] for e in entries])
    }
    of_kind = lambda kind: [e["key"] for e in entries if e["kind"] == kind]  # noqa: E731
    reviewed, allocated = of_kind("workshop")[:2]
    talk, played = of_kind("discussion")[0], of_kind("role_play_solo")[0]
    own = {reviewed, allocated, talk, played}
    rows = []
    for n, enrolment in enumerate(cohort):
        done = (n * 7) % len(entries)
        for place, entry in enumerate(entries[: done + 1]):
            if entry["key"] in own:
                continue
            finished = place < done
            rows.append(
                participation(enrolment, run, versions[entry["key"]], now, finished=finished)
            )
            enrolment.progress[entry["key"]] = 100 if finished else 40
        enrolment.percent = min(99, 100 * done // len(entries))
        enrolment.last_item = entries[done]["key"]
    Participation.objects.bulk_create(rows, batch_size=BATCH)
    Enrolment.objects.bulk_update(cohort, ["progress", "percent", "last_item"], batch_size=200)
    fill_grades(state, cohort)
    fill_talk(size, run, cohort, versions[talk], now)
    fill_play(run, cohort, versions[played], now)
    works = fill_works(run, cohort[: size.works], versions[reviewed], now, WorkshopStage.REVIEWING)
    fill_reviews(size, works, versions[reviewed].rules, now)
    fill_works(run, cohort, versions[allocated], now, WorkshopStage.REVIEWING)


def participation(enrolment, run, version, now, *, finished=False, data=None) -> Participation:
    return Participation(
        user_id=enrolment.user_id,
        seat=enrolment.seat,
        cohort=run.key,
        item=version.item,
        version=version,
        state=State.COMPLETED if finished else State.IN_PROGRESS,
        progress=100 if finished else 40,
        data=data or {},
        started_at=now - timedelta(days=20),
        last_seen_at=now - timedelta(days=enrolment.user_id % 12),
        completed_at=now - timedelta(days=3) if finished else None,
        score=Decimal(50 + enrolment.user_id % 51) if scored(finished, version) else None,
    )


def scored(finished: bool, version) -> bool:
    return finished and version.category != Category.LECTURE


def fill_grades(state, cohort: list[Enrolment]) -> None:
    """The grades as they are kept: copied and reckoned from the participations."""
    entries = grading.entries_of(e.seat for e in cohort)
    rows = []
    for enrolment in cohort:
        grade = Grade(enrolment=enrolment, scores=entries.get(enrolment.seat, {}))
        found = grading.reckon_for(DEFAULT, state.current.outline, grade, set())
        grade.computed = grade.value = found.value
        grade.pending = found.pending
        rows.append(grade)
    Grade.objects.bulk_create(rows, batch_size=BATCH)


def fill_talk(size: Size, run, cohort, version, now) -> None:
    """The learner's own answers and one answer of each of `posts` others."""
    rules = version.rules
    speakers = cohort[: size.posts + 1]
    data = {"unlocked_at": now.isoformat(), "stage": DiscussionStage.POSTED.value}
    seats = {e.pk: participation(e, run, version, now, data=dict(data)) for e in speakers}
    Participation.objects.bulk_create(seats.values())
    group = DiscussionGroup.objects.create(cohort=run.key, item=version.item, number=1)
    Member.objects.bulk_create(
        Member(
            group=group, cohort=run.key, item=version.item, seat=e.seat, user_id=e.user_id, alias=n
        )
        for n, e in enumerate(speakers, start=1)
    )
    texts = [voice.text for voice in rules.seed_voices]
    keys = [prompt.key for prompt in rules.prompts]
    answers = [(cohort[0], key) for key in keys]
    answers += [(e, keys[0]) for e in speakers[1:]]
    Post.objects.bulk_create(
        Post(
            cohort=run.key,
            item=version.item,
            group=1,
            participation=seats[enrolment.pk],
            author_id=enrolment.user_id,
            voice=enrolment.seat,
            kind=PostKind.INITIAL,
            prompt=prompt,
            body=texts[n % len(texts)],
            length=len(texts[n % len(texts)]),
            created_at=now - timedelta(hours=2 + n),
        )
        for n, (enrolment, prompt) in enumerate(answers)
    )


def fill_play(run, cohort, version, now) -> None:
    """The learner is in the first scene."""
    seat = participation(cohort[0], run, version, now)
    seat.save()
    Attempt.objects.create(participation=seat, number=1, version=version, data={"path": []})


def fill_works(run, authors, version, now, stage) -> list[Submission]:
    """Everybody has sent work and practised; nobody has reviewed."""
    rules = version.rules
    data = {
        "stage": stage.value,
        "practice": {example.key: ["90"] for example in rules.examples},
        "required": rules.reviews_per_learner,
    }
    seats = Participation.objects.bulk_create(
        [participation(e, run, version, now, data=dict(data)) for e in authors], batch_size=BATCH
    )
    return Submission.objects.bulk_create(
        [
            Submission(
                participation=seat,
                cohort=run.key,
                item=version.item,
                values=dict(rules.seeds[n % len(rules.seeds)].values),
                state=SubmissionState.SUBMITTED,
                version=1,
                submitted_at=now - timedelta(days=2),
            )
            for n, seat in enumerate(seats)
        ],
        batch_size=BATCH,
    )


def fill_reviews(size: Size, works: list[Submission], rules, now) -> None:
    """So many reviews of every work, in a ring; the learner has one work in hand instead."""
    leases, reviews = [], []
    overall = rules.seeds[0].comment or "งานนี้ชัดเจนและทำได้จริง ขอให้เพิ่มวันเสร็จของแต่ละขั้น"
    for n, work in enumerate(works):
        for turn in range(1, size.reviews + 1):
            reviewer = works[(n + turn) % len(works)].participation
            if reviewer == works[0].participation:
                reviewer = works[(n + size.reviews + 1) % len(works)].participation
            leases.append(
                ReviewLease(
                    submission=work,
                    author=work.participation,
                    reviewer=reviewer,
                    number=turn,
                    state=LeaseState.DONE,
                    expires_at=now,
                )
            )
            scores = {
                key: {"points": list(table)[(n + turn) % len(table)], "comment": overall}
                for key, table in rules.shares.items()
            }
            reviews.append(
                Review(
                    kind=ReviewKind.PEER,
                    submission=work,
                    author=work.participation,
                    version=1,
                    reviewer=reviewer,
                    scores=scores,
                    overall=overall,
                    grade=Decimal(50 + (n + turn) % 50),
                    submitted_at=now - timedelta(days=1),
                )
            )
    leases.append(
        ReviewLease(
            submission=works[1],
            author=works[1].participation,
            reviewer=works[0].participation,
            number=7,
            leased_at=now,
            expires_at=now + timedelta(days=1),
        )
    )
    ReviewLease.objects.bulk_create(leases, batch_size=BATCH)
    Review.objects.bulk_create(reviews, batch_size=BATCH)
