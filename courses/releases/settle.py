"""Settlement: after any change of a course's pages, what is on offer is brought up to date.

`settle` cuts a new release, keeps the last good one (an author is in the middle of a change), or
withdraws the course (something that was on offer was taken back): then nobody can enrol any more, and
those who are enrolled go on with the last release. It never raises.
"""

import logging
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from wagtail.models import Page

from activities.core import registry
from activities.core.models import ItemVersion
from activities.core.snapshots import digest
from courses.catalogue.models import CoursePage
from search import outbox

from . import notices
from .cut import Candidate, candidate, missing_kind, outline_of, source_page
from .messages import blocked_message, in_all_languages
from .models import CourseRelease, CourseState, ReleaseItem
from .signals import course_settled

logger = logging.getLogger("sala.releases")

STEP = Page.steplen
# What search calls the courses on offer (`courses.enrolment.search_source`).
SEARCH_SOURCE = "courses"


def courses_of(path: str, translation_key: UUID) -> set[UUID]:
    """The courses that a page belongs to, by its place in the tree (also as the course itself)."""
    ancestors = [path[:length] for length in range(STEP, len(path) + 1, STEP)]
    if len(ancestors) < 4:  # root, home, catalogue: nothing of a course is that high
        return set()
    found = set(
        CoursePage.objects.filter(path__in=ancestors).values_list("translation_key", flat=True)
    )
    if not found and CourseState.objects.filter(course=translation_key).exists():
        found.add(translation_key)
    return found


def mark_dirty(path: str, translation_key: UUID) -> None:
    """Note, in the same transaction as the change, that a course must be settled after commit."""
    try:
        for course in courses_of(path, translation_key):
            state, created = CourseState.objects.get_or_create(
                course=course, defaults={"dirty": True}
            )
            if not created and not state.dirty:
                CourseState.objects.filter(pk=state.pk).update(dirty=True)
            schedule(course)
    except Exception:  # a change of a page must not fail because its course cannot be marked
        logger.exception("Could not mark the course of page %s", path)


def schedule(course: UUID) -> None:
    """Settle after commit, once per transaction however many pages changed."""
    connection = transaction.get_connection()
    for _sids, function, *_rest in connection.run_on_commit:
        if getattr(function, "settles", None) == course:
            return

    def run():
        settle(course)

    run.settles = course
    transaction.on_commit(run)


def settle(course: UUID, *, user=None) -> CourseState | None:
    """Bring the offer of a course up to date with its live pages. Safe to repeat at any time."""
    try:
        with transaction.atomic():
            state, _created = CourseState.objects.get_or_create(course=course)
            state = CourseState.objects.select_for_update().get(pk=state.pk)
            _settle(state, user)
    except Exception:  # the nightly sweep tries again; the last good release stays on offer
        logger.exception("Could not settle course %s", course)
        return None
    course_settled.send(sender=CourseState, state=state)
    return state


def _settle(state: CourseState, user) -> None:
    page = source_page(state.course)
    result = candidate(page) if page is not None and page.live else None
    state.dirty = False
    state.settled_at = timezone.now()
    before, problems_before = state.status, state.problems
    offered_before = state.current_id
    if result is not None and result.passes and released(state, result, user):
        pass
    elif result is None or took_back(state, result):
        withdraw(state, result)
    else:
        hold(state, result)
    state.save()
    if state.current_id != offered_before:
        outbox.changed(SEARCH_SOURCE, str(state.course))
    tell(state, page, before, problems_before)


def tell(state: CourseState, page: CoursePage | None, before: str, problems_before: list) -> None:
    """Tell the authors when a course went off offer, or what they changed is held back."""
    if page is None or (state.status, state.problems) == (before, problems_before):
        return
    key = f"{state.status}-{state.course}-{state.settled_at:%Y%m%d%H%M%S}"
    if state.status == CourseState.Status.WITHDRAWN and state.problems:
        notices.about_course(notices.WITHDRAWN, page, key)
    elif state.status == CourseState.Status.HELD:
        notices.about_course(notices.HELD, page, key)


def released(state: CourseState, result: Candidate, user) -> bool:
    """Whether the candidate is on offer now. Not when a kind cannot even say what is done in it:
    then what was offered before stands, and the candidate says why."""
    try:
        outline = outline_of(result)
    except registry.UnknownKind as error:
        for item in result.items:
            if item.version.kind == str(error):
                result.problems.append({"code": "kind_missing", **missing_kind(item.page)})
        return False
    release(state, result, outline, user)
    return True


def release(state: CourseState, result: Candidate, outline: dict, user) -> None:
    """Put the candidate on offer, unless just that is on offer already."""
    versions = saved_versions(result)
    fingerprint = digest(
        {
            "outline": outline,
            "versions": [version.digest for version in versions],
            "texts": {
                lang: {k: v for k, v in t.items() if k != "pk"} for lang, t in result.texts.items()
            },
        }
    )
    state.problems = []
    state.status = CourseState.Status.OFFERED
    state.slug = outline["slug"]
    if state.current is not None and state.current.digest == fingerprint:
        return
    last = CourseRelease.objects.filter(course=state.course).aggregate(n=Max("number"))["n"] or 0
    mix = result.mix
    state.current = CourseRelease.objects.create(
        course=state.course,
        number=last + 1,
        lecture=mix.lecture,
        active=mix.active,
        neutral=mix.neutral,
        outline=outline,
        texts=result.texts,
        digest=fingerprint,
        created_by=user,
    )
    ReleaseItem.objects.bulk_create(
        ReleaseItem(release=state.current, position=n, version=version)
        for n, version in enumerate(versions, start=1)
    )
    logger.info("Course %s: release %s is on offer", state.slug, last + 1)


def saved_versions(result: Candidate) -> list[ItemVersion]:
    """The versions of the candidate as rows; content that was released before keeps its row."""
    digests = [item.version.digest for item in result.items]
    known = {
        (version.item, version.digest): version
        for version in ItemVersion.objects.filter(digest__in=digests).defer("texts")
    }
    missing = [
        item.version
        for item in result.items
        if (item.version.item, item.version.digest) not in known
    ]
    for version in ItemVersion.objects.bulk_create(missing):
        known[(version.item, version.digest)] = version
    return [known[(item.version.item, item.version.digest)] for item in result.items]


def took_back(state: CourseState, result: Candidate) -> bool:
    """Whether something that is on offer is no longer live: then the old offer cannot stand."""
    if state.current is None:
        return False
    live = {str(item.version.item) for item in result.items} | {str(key) for key in result.missing}
    return any(item["key"] not in live for item in state.current.outline["items"])


def withdraw(state: CourseState, result: Candidate | None) -> None:
    """Take the course off offer, and its pages with it: people see what is true. `served` stays, so
    those who are enrolled go on."""
    was_offered = state.current is not None
    state.current = None
    if was_offered:
        state.status = CourseState.Status.WITHDRAWN
        state.problems = []
    if result is not None:
        state.problems = problems(result)
    if result is None or not was_offered:
        return
    logger.warning("Course %s was withdrawn: %s", state.slug, state.problems)
    for page in CoursePage.objects.filter(translation_key=state.course, live=True):
        page.unpublish(set_expired=False, commit=True, log_action=True)


def hold(state: CourseState, result: Candidate) -> None:
    """Keep what is on offer (if anything) and say what holds the change back."""
    state.problems = problems(result)
    if state.current is not None:
        state.status = CourseState.Status.HELD
    elif state.served is not None:
        state.status = CourseState.Status.WITHDRAWN
    else:
        state.status = CourseState.Status.DRAFT


def problems(result: Candidate) -> list[dict]:
    found = list(result.problems)
    if not result.mix.passes:
        mix = result.mix
        found.insert(
            0,
            {
                "code": "unbalanced",
                **in_all_languages(lambda: blocked_message(mix, draft_saved=False)),
            },
        )
        found += result.measured
    return found


def courses_known() -> list[UUID]:
    """Every course that there is a page or a state of, in a stable order."""
    known = set(CourseState.objects.values_list("course", flat=True))
    known |= set(CoursePage.objects.values_list("translation_key", flat=True))
    return sorted(known, key=str)


def settle_all() -> dict[str, int]:
    """Settle every course that there is a page or a state of; returns counts by status.

    Catches what no signal tells of: `QuerySet.update()`, raw SQL, a crash between commit and
    settlement.
    """
    counts: dict[str, int] = {}
    for course in courses_known():
        state = settle(course)
        status = state.status if state else "failed"
        counts[status] = counts.get(status, 0) + 1
    return counts
