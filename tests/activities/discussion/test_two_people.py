"""Two at once, on two connections: one effect, and the other one hears of it."""

import threading
import uuid

import pytest
from django.db import connection, transaction

from activities.core import cohorts
from activities.core.errors import Refused
from activities.core.models import Event, Participation
from activities.discussion import advance, groups
from activities.discussion.models import Group, Member, Post

from .conftest import ANSWERS, REPLIES
from .run_helpers import day

pytestmark = [
    pytest.mark.services("postgresql"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


def at_once(*acts) -> list:
    """Run each on a connection of its own, begun together; what each returned or raised."""
    barrier, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(n, act):
        try:
            barrier.wait(timeout=10)
            found[n] = act()
        except Exception as error:
            found[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return found


def sending(learner, action, step="", now=None, **data):
    """What the player does with a form: the participation locked, everything or nothing."""

    def act():
        with transaction.atomic():
            visit = learner.visit(now)
            visit.participation = (
                Participation.objects.select_for_update(of=("self",))
                .select_related("version")
                .get(pk=learner.participation.pk)
            )
            return learner.kind.handle(visit, step, action, data, {})

    return act


def has_answered(learner, n, now=None) -> None:
    sending(learner, "answer", now=now, body=ANSWERS[n], key=str(uuid.uuid4()))()


def pressing(kind, at, action, step="", **data):
    def act():
        with transaction.atomic():
            return kind.desk_handle(at, step, action, data, {})

    return act


def refusals(found) -> list[str]:
    unknown = [e for e in found if isinstance(e, Exception) and not isinstance(e, Refused)]
    assert not unknown, unknown
    return [error.code for error in found if isinstance(error, Refused)]


def test_the_same_form_sent_twice_makes_one_post(join):
    learner = join()
    key = str(uuid.uuid4())
    found = at_once(*[sending(learner, "answer", body=ANSWERS[0], key=key) for _ in range(2)])
    assert refusals(found) == []
    assert Post.objects.filter(kind="initial").count() == 1
    assert Member.objects.count() == 1


def test_two_tabs_make_one_answer_and_the_second_is_told(join):
    learner = join()
    found = at_once(
        *[sending(learner, "answer", body=ANSWERS[n], key=str(uuid.uuid4())) for n in range(2)]
    )
    assert refusals(found) == ["answered"]
    assert Post.objects.filter(kind="initial").count() == 1


def test_two_who_arrive_together_come_into_one_group(join):
    people = [join(), join()]
    found = at_once(
        *[sending(one, "answer", body=ANSWERS[n], key=str(uuid.uuid4())) for n, one in enumerate(people)]
    )  # fmt: skip
    assert refusals(found) == []
    assert Group.objects.count() == 1
    assert sorted(Member.objects.values_list("alias", flat=True)) == [1, 2]
    assert Post.objects.filter(kind="seed").values("seed_key").distinct().count() == (
        Post.objects.filter(kind="seed").count()
    )


def test_groups_are_formed_once_when_many_look(cohort):
    people = cohort(9)
    found = at_once(*[lambda one=one: one.see(now=day(1)) for one in people[:4]])
    assert refusals(found) == []
    assert sorted(group.people for group in groups.standing_groups(people[0].participation)) == [
        4,
        5,
    ]
    assert Event.objects.filter(kind="discussion_grouped").count() == 1


def test_a_dead_group_is_rescued_once_by_a_learner_and_the_night(cohort):
    people = cohort(9)
    people[0].see(now=day(1))
    place = people[0].participation
    found = at_once(
        lambda: advance.advance(place.cohort, place.item, day(4)),
        lambda: advance.advance(place.cohort, place.item, day(4)),
        lambda: people[3].see(now=day(4)),
    )
    assert refusals(found) == []
    assert [group.people for group in groups.standing_groups(place)] == [9]
    assert Event.objects.filter(kind="discussion_groups_joined").count() == 1


def test_two_facilitators_and_one_button(cohort, kind, desk):
    learner = cohort(2)[0]
    seen = {"version": "0", "phase": "initial", "to": "replies"}
    found = at_once(*[pressing(kind, desk(learner, now=day(1)), "move", **seen) for _ in range(2)])
    assert refusals(found) == ["stale"]
    assert Event.objects.filter(kind="discussion_phase").count() == 1


def test_two_facilitators_move_the_same_person(cohort, kind, desk):
    people = cohort(20)
    people[0].see(now=day(1))
    member = groups.member_of(people[0].participation)
    here = member.group.number
    others = [group.number for group in groups.standing_groups(member) if group.number != here]
    found = at_once(
        *[
            pressing(
                kind, desk(people[0], now=day(1)), "move_person", "groups",
                member=f"{member.pk}-{here}", to=str(number), reason="สลับกลุ่ม",
            )
            for number in others[:2]
        ]
    )  # fmt: skip
    assert refusals(found) == ["stale"]
    assert Event.objects.filter(kind="discussion_moved").count() == 1


def test_two_replies_at_once_are_both_counted(join):
    author, first, second = join(), join(), join()
    for n, one in enumerate((author, first, second)):
        has_answered(one, n)
    step = f"reply-{author.post().pk}"
    found = at_once(
        *[
            sending(one, "reply", step, body=REPLIES[n], key=str(uuid.uuid4()))
            for n, one in enumerate((first, second))
        ]
    )
    assert refusals(found) == []
    assert author.post().answers == 2


def test_the_last_two_answers_at_once_begin_the_replies_once(cohort):
    people = cohort(2)
    people[0].see(now=day(1))
    found = at_once(
        *[
            sending(one, "answer", now=day(1), body=ANSWERS[n], key=str(uuid.uuid4()))
            for n, one in enumerate(people)
        ]
    )
    assert refusals(found) == []
    assert len(cohorts.members(people[0].participation.cohort)) == 2
    assert Event.objects.filter(kind="discussion_phase").count() == 1


def test_a_reply_while_its_group_is_joined_lands_in_the_group_that_remains(cohort, kind, desk):
    people = cohort(9)
    people[0].see(now=day(1))
    numbers = [group.number for group in groups.standing_groups(people[0].participation)]
    by_group = {n: [p for p in people if groups.member_of(p.participation).group.number == n] for n in numbers}  # fmt: skip
    writer, reader = by_group[numbers[1]][:2]
    has_answered(writer, 0, day(1))
    has_answered(reader, 1, day(1))
    found = at_once(
        sending(
            reader, "reply", f"reply-{writer.post().pk}", now=day(1), body=REPLIES[0], key=str(uuid.uuid4())
        ),
        pressing(
            kind, desk(reader, now=day(1)), "merge", "groups",
            **{"from": str(numbers[1]), "to": str(numbers[0]), "reason": "คนน้อย"},
        ),
    )  # fmt: skip
    assert set(refusals(found)) <= {"not_found"}
    assert set(Post.objects.values_list("group", flat=True)) == {numbers[0]}
