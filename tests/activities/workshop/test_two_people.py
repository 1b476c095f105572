"""Two people, or one with two tabs, in the same moment: one effect, and a clear message for the other."""

import threading
import time
import uuid

import pytest
from django.db import OperationalError, close_old_connections, connection, transaction
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import override

from activities.core.errors import Refused
from activities.core.models import Attachment, Event, Participation, StoredFile
from activities.workshop.models import Review, ReviewLease
from tests.factories.items import version_of
from tests.factories.uploads import upload

from .conftest import Learner, desk_of, form, page_in

pytestmark = [
    pytest.mark.services("postgresql"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
REASON = "ผู้ประเมินแจ้งว่าลาพักยาวจึงประเมินไม่ได้"


def at_once(*functions) -> list:
    """Run each on a connection of its own, all let go together; what each gave or raised."""
    gate, results = threading.Barrier(len(functions)), [None] * len(functions)

    def run(n, function):
        close_old_connections()
        try:
            gate.wait(timeout=10)
            with override("en"):
                results[n] = function()
        except Refused as error:
            results[n] = error
        except OperationalError as error:
            results[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.fixture
def version(db):
    changes = {"reviews_per_learner": 1, "min_reviews_per_submission": 1, "seed_submissions": []}
    changes |= {"examples": [], "self_assessment": False}
    return version_of(page_in("th", **changes), en=page_in("en", **changes))


def tab(learner, action, step="", files=(), **data):
    """What the player does with one request: lock the participation, then act."""

    def go():
        time.sleep(0.01)
        with transaction.atomic():
            participation = (
                Participation.objects.select_for_update(of=("self",))
                .select_related("version", "user")
                .get(pk=learner.participation.pk)
            )
            visit = learner.visit()
            visit.participation = participation
            return learner.kind.handle(
                visit, step, action, form(data), MultiValueDict({"files": list(files)})
            )

    return go


def press(kind, learner, step, action, **data):
    desk = desk_of(learner, now=timezone.now())

    def go():
        with transaction.atomic():
            return kind.desk_handle(desk, step, action, form(data), {})

    return go


def refusals(results) -> list:
    assert not [one for one in results if isinstance(one, OperationalError)]
    return [one.code for one in results if isinstance(one, Refused)]


def test_two_reviewers_take_the_last_work(join):
    author, *others = (join() for _ in range(3))
    author.send()
    for one in others:
        one.send()
    # Each of the two may review the author's or the other's work; nobody gets nothing.
    results = at_once(*(tab(one, "take", "review") for one in others))
    assert refusals(results) == []
    leases = list(ReviewLease.objects.all())
    assert len(leases) == 2 and len({lease.reviewer_id for lease in leases}) == 2
    assert all(lease.author_id != lease.reviewer_id for lease in leases)


def test_one_reviewer_with_two_tabs_has_one_work(join):
    people = [join() for _ in range(3)]
    for one in people:
        one.send()
    first, second = at_once(*(tab(people[0], "take", "review") for _ in range(2)))
    assert first.step == second.step
    assert ReviewLease.objects.filter(reviewer=people[0].participation).count() == 1


def test_sending_twice_counts_once(join):
    one = join()
    one.do("check", "work", **one.worksheet())
    key = str(uuid.uuid4())
    results = at_once(*(tab(one, "send", "check", key=key) for _ in range(2)))
    assert refusals(results) == [] and one.work.version == 1
    assert Event.objects.filter(kind="workshop_sent").count() == 1


def test_sending_from_two_tabs_says_that_it_is_sent(join):
    one = join()
    one.do("check", "work", **one.worksheet())
    results = at_once(*(tab(one, "send", "check", key=str(uuid.uuid4())) for _ in range(2)))
    assert refusals(results) == ["sent"] and one.work.version == 1


def test_a_review_sent_twice_counts_once(join):
    people = [join() for _ in range(3)]
    for one in people:
        one.send()
    lease = people[0].take()
    marks = people[0].marks(key=str(uuid.uuid4()))
    results = at_once(*(tab(people[0], "review", f"review-{lease.pk}", **marks) for _ in range(2)))
    assert refusals(results) == [] and Review.objects.count() == 1


def test_an_author_takes_back_what_a_reviewer_takes(join):
    author, reviewer = join(), join()
    for one in (author, reviewer):
        one.send()
    results = at_once(tab(author, "take_back", "work"), tab(reviewer, "take", "review"))
    codes = refusals(results)
    taken = ReviewLease.objects.filter(state="held").exists()
    # Either the author has it again and nobody reviews it, or a reviewer has it and it stays sent.
    assert (author.work.state, taken, codes) in (
        ("draft", False, []),
        ("locked", True, ["leased"]),
    )


def test_two_instructors_press_the_same_button(join, kind):
    people = [join() for _ in range(3)]
    for one in people:
        one.send()
    step = f"work-{people[0].participation.pk}"
    results = at_once(*(press(kind, people[0], step, "release") for _ in range(2)))
    assert refusals(results) == ["open"]
    assert Event.objects.filter(kind="workshop_desk_release").count() == 1


def test_two_instructors_take_the_same_work_back(join, kind):
    people = [join() for _ in range(3)]
    for one in people:
        one.send()
    lease = people[0].take()
    act = press(kind, people[0], "reviews", "take_back", lease=lease.pk, reason=REASON)
    assert refusals(at_once(act, act)) == ["not_held"]


def test_two_instructors_give_the_same_work_to_the_same_person(join, kind):
    people = [join() for _ in range(3)]
    for one in people:
        one.send()
    step = f"assign-{people[0].participation.pk}"
    act = press(kind, people[0], step, "assign", reviewer=people[1].participation.pk)
    assert refusals(at_once(act, act)) == ["had_it"]
    assert ReviewLease.objects.count() == 1


def test_the_same_file_from_two_people_is_stored_once(kind):
    from .test_files import with_files

    thai, english = with_files()
    version, cohort = version_of(thai, en=english), uuid.uuid4()
    people = [Learner(kind, version, cohort) for _ in range(2)]
    results = at_once(
        *(tab(one, "upload", "attach-7", [upload("a.txt", "แฟ้ม".encode())]) for one in people)
    )
    assert refusals(results) == []
    assert StoredFile.objects.count() == 1 and Attachment.objects.count() == 2
