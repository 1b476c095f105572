"""Who talks with whom: groups of a cohort, of people who arrive, rescue, moving, the wall by group."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from activities.core.errors import Refused
from activities.core.models import Event, Notification
from activities.discussion import advance, groups, talks
from activities.discussion.models import Group, Member, Post, Talk
from tests.factories.items import version_of

from .conftest import ANSWERS, REPLIES, page_in, render
from .run_helpers import day

pytestmark = pytest.mark.django_db


def sizes(learner) -> list[int]:
    return sorted(group.people for group in groups.standing_groups(learner.participation))


def group_of(learner) -> int:
    return groups.member_of(learner.participation).group.number


def put(learner, number: int) -> None:
    """Into that group, whatever chance has said."""
    group = Group.objects.get(cohort=learner.participation.cohort, number=number)
    Member.objects.filter(seat=learner.participation.seat).update(group=group)


def in_groups(people, *parts, at=0.1):
    """Form the groups, then put people where the test wants them."""
    people[0].see(now=day(at))
    start = 0
    for number, size in enumerate(parts, start=1):
        for one in people[start : start + size]:
            put(one, number)
        start += size


def answer(learner, n, at=1):
    """An answer of one's own words: the shared texts with a word that makes them different."""
    Post.objects.filter(voice=learner.participation.seat).delete()
    learner.do("answer", body=ANSWERS[n], now=day(at))


# -- forming ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "expected"), [(2, [2]), (8, [8]), (9, [4, 5]), (13, [6, 7])])
def test_a_cohort_is_divided_when_the_discussion_opens(cohort, count, expected):
    people = cohort(count)
    people[0].see(now=day(-1))
    assert not Member.objects.exists(), "nobody is placed before it opens"
    people[0].see(now=day(0))
    assert sizes(people[0]) == expected
    assert Member.objects.count() == count, "also who has not opened it yet"
    assert sorted(Member.objects.values_list("alias", flat=True)) == list(range(1, count + 1))
    people[1].see(now=day(0.5))
    assert Member.objects.count() == count


def test_whoever_joins_later_comes_into_the_smallest_group(cohort, join):
    people = cohort(9)
    people[0].see(now=day(0))
    late = join()
    late.do("answer", body=ANSWERS[0], now=day(1))
    assert sizes(people[0]) == [5, 5]


def test_people_who_arrive_one_by_one_open_another_group_when_there_are_enough(join):
    version = version_of(page_in("th", target_group_size=2, required_replies=1, distinct_authors=1))
    people = [join(of=version) for _ in range(5)]
    for one in people:
        groups.join(one.participation, version.rules, day(1))
    assert [group_of(one) for one in people] == [1, 1, 2, 2, 3]


def test_somebody_who_only_looks_takes_no_place(join):
    looker = join()
    looker.see()
    assert not Member.objects.exists()


def test_one_place_per_person_is_a_rule_of_the_database(join, version):
    learner = join()
    member = groups.join(learner.participation, version.rules, day(1))
    for change in ({"alias": 99}, {"seat": learner.participation.item, "alias": member.alias}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Member.objects.create(
                **{
                    "group": member.group,
                    "cohort": member.cohort,
                    "item": member.item,
                    "seat": member.seat,
                    "user": learner.user,
                    **change,
                }
            )


# -- the wall goes around each group ------------------------------------------------------------


def test_another_group_is_out_of_reach_on_every_channel(cohort, kind):
    people = cohort(9)
    in_groups(people, 5, 4)
    here, mate, there = people[0], people[1], people[8]
    answer(here, 0)
    answer(there, 1)
    assert mate.see(now=day(1)).context["people"] == 1, "the number is that of the group"
    answer(mate, 2)
    html = render(mate.see("stream", now=day(1)))
    assert ANSWERS[0][:40] in html and ANSWERS[1][:40] not in html
    for step in ("post", "reply", "report"):
        with pytest.raises(Refused) as refused:
            mate.see(f"{step}-{there.post().pk}", now=day(1))
        assert refused.value.status == 404
    with pytest.raises(Refused) as refused:
        mate.do("reply", step=f"reply-{there.post().pk}", body=REPLIES[0], now=day(1))
    assert refused.value.status == 404
    participations = type(mate.participation).objects
    audiences = {
        one: kind.shared_audiences(participations.filter(user=one.user)) for one in (mate, there)
    }
    texts = {one: kind.shared_texts(one.participation) for one in (here, there)}
    assert {text.audience for text in texts[here]} == audiences[mate]
    assert {text.audience for text in texts[there]}.isdisjoint(audiences[mate])


def test_an_answer_in_one_discussion_opens_no_other(cohort, kind):
    """Whoever is placed in a group of a second discussion has not answered there yet."""
    learner = cohort(2)[0]
    answer(learner, 0)
    one = learner.participation
    one.refresh_from_db()
    second = type(one).objects.create(
        user=one.user, seat=one.seat, cohort=one.cohort, item=uuid.uuid4(), version=one.version
    )
    groups.add(groups.new_group(second, day(0)), second.seat, second.user_id, day(0))
    own = type(one).objects.filter(user=one.user)

    def items():
        return {audience.split(":")[1] for audience in kind.shared_audiences(own)}

    assert items() == {str(one.item)}
    second.data = {"unlocked_at": day(1).isoformat()}
    second.save()
    assert items() == {str(one.item), str(second.item)}, "there was something to find"


# -- dead groups --------------------------------------------------------------------------------


def dying(cohort):
    """Nine people; of the second group one has answered, of the first three have."""
    people = cohort(9)
    in_groups(people, 5, 4)
    for n in range(3):
        answer(people[n], n)
    lonely = people[8]
    answer(lonely, 0, at=2)
    return people, lonely


@pytest.fixture(autouse=True)
def copies_are_fine(monkeypatch):
    """Here several people may write the same text: what counts as a copy is another test's subject."""
    monkeypatch.setattr("activities.discussion.writing.check_original", lambda *a, **k: None)


def test_a_dead_group_is_joined_with_another_when_answering_is_due(cohort, kind):
    people, lonely = dying(cohort)
    assert sizes(lonely) == [4, 5]
    lonely.see("stream", now=day(3.9))
    assert sizes(lonely) == [4, 5], "not before the date"
    shown = lonely.see("stream", now=day(4)).context["entries"]
    assert sizes(lonely) == [9]
    assert {people[n].post().pk for n in range(3)} <= {entry["id"] for entry in shown}
    reader = people[0]
    assert lonely.post().pk in [
        e["id"] for e in reader.see("stream", now=day(4)).context["entries"]
    ]
    told = Notification.objects.filter(kind="discussion_group")
    assert told.count() == 9
    assert kind.shared_audiences(type(lonely.participation).objects.filter(user=lonely.user)) == {
        text.audience for text in kind.shared_texts(people[0].participation)
    }
    event = Event.objects.get(kind="discussion_groups_joined")
    assert event.payload["reason"] == "too few answers"


def test_the_rescue_happens_once_and_also_by_night(cohort):
    people, lonely = dying(cohort)
    place = lonely.participation
    for _ in range(2):
        advance.advance(place.cohort, place.item, day(4.1))
    assert sizes(lonely) == [9]
    assert Notification.objects.filter(kind="discussion_group").count() == 9
    assert Event.objects.filter(kind="discussion_groups_joined").count() == 1
    assert Talk.objects.get().rescued_at == day(4.1)


def test_a_group_that_lives_is_left_alone(cohort):
    people = cohort(9)
    in_groups(people, 5, 4)
    for n in (0, 1, 2):
        answer(people[n], n)
        answer(people[5 + n], n)
    people[0].see(now=day(5))
    assert sizes(people[0]) == [4, 5]


def test_sample_voices_of_joined_groups_become_one_with_the_replies_to_both(cohort):
    people, lonely = dying(cohort)
    sample = Post.objects.filter(kind="seed", group=group_of(lonely)).first()
    lonely.do("reply", step=f"reply-{sample.pk}", body=REPLIES[0], now=day(3))
    people[0].do(
        "reply",
        step=f"reply-{Post.objects.get(kind='seed', seed_key=sample.seed_key, group=1).pk}",
        body=REPLIES[1],
        now=day(3),
    )
    lonely.see(now=day(4))
    voices = Post.objects.filter(kind="seed", seed_key=sample.seed_key)
    assert voices.count() == 1
    assert voices.get().answers == 2
    assert lonely.see("stream", now=day(4)).context["standing"].replies == 1


# -- a facilitator's hand -----------------------------------------------------------------------


@pytest.fixture
def two_groups(cohort):
    people = cohort(9)
    in_groups(people, 5, 4)
    answer(people[0], 0)
    answer(people[1], 1)
    people[1].do("reply", step=f"reply-{people[0].post().pk}", body=REPLIES[0], now=day(1))
    people[0].do("reply", step=f"reply-{people[1].post().pk}", body=REPLIES[1], now=day(1))
    return people


def test_moving_somebody_takes_answers_and_their_replies_along(two_groups, kind, desk):
    mover, mate = two_groups[0], two_groups[1]
    member = groups.member_of(mover.participation)
    at = desk(mover, now=day(2))
    kind.desk_handle(
        at, "groups", "move_person",
        {"member": f"{member.pk}-1", "to": "2", "reason": "ขอย้ายเพราะอยู่หน่วยงานเดียวกัน"}, {},
    )  # fmt: skip
    assert group_of(mover) == 2
    assert mover.post().group == 2
    assert Post.objects.get(parent=mover.post()).group == 2
    # The reply to somebody who stays is part of their thread, and still counts.
    assert Post.objects.get(parent=mate.post()).group == 1
    assert mover.see("stream", now=day(2)).context["standing"].replies == 1
    with pytest.raises(Refused) as refused:
        mate.see(f"post-{mover.post().pk}", now=day(2))
    assert refused.value.status == 404
    assert Notification.objects.filter(kind="discussion_group", user=mover.user).exists()
    event = Event.objects.get(kind="discussion_moved")
    assert event.payload["reason"].startswith("ขอย้าย") and event.actor == at.user


@pytest.mark.parametrize(
    ("data", "code", "status"),
    [
        ({"member": "", "to": "2", "reason": "x"}, "nobody", 422),
        ({"member": "{pk}-1", "to": "2", "reason": " "}, "no_reason", 422),
        ({"member": "{pk}-1", "to": "9", "reason": "x"}, "no_group", 422),
        ({"member": "{pk}-1", "to": "1", "reason": "x"}, "same_group", 422),
        ({"member": "{pk}-2", "to": "1", "reason": "x"}, "stale", 409),
        ({"member": "987654-1", "to": "2", "reason": "x"}, "not_found", 404),
    ],
)
def test_moves_that_are_refused(two_groups, kind, desk, data, code, status):
    member = groups.member_of(two_groups[0].participation)
    data = {**data, "member": data["member"].format(pk=member.pk)}
    with pytest.raises(Refused) as refused:
        kind.desk_handle(desk(two_groups[0], now=day(2)), "groups", "move_person", data, {})
    assert (refused.value.code, refused.value.status) == (code, status)
    assert group_of(two_groups[0]) == 1


def test_joining_two_groups_by_hand_needs_a_reason_and_the_second_click_changes_nothing(
    two_groups, kind, desk
):
    data = {"from": "2", "to": "1", "reason": ""}
    with pytest.raises(Refused) as refused:
        kind.desk_handle(desk(two_groups[0], now=day(2)), "groups", "merge", data, {})
    assert refused.value.fields.keys() == {"reason"}
    data["reason"] = "คนน้อย"
    kind.desk_handle(desk(two_groups[0], now=day(2)), "groups", "merge", data, {})
    assert sizes(two_groups[0]) == [9]
    with pytest.raises(Refused) as refused:
        kind.desk_handle(desk(two_groups[0], now=day(2)), "groups", "merge", data, {})
    assert refused.value.status == 409


def test_somebody_elses_run_cannot_be_reached_from_here(two_groups, kind, desk, join):
    import uuid

    stranger = join(cohort=uuid.uuid4())
    stranger.do("answer", body=ANSWERS[0])
    member = groups.member_of(stranger.participation)
    with pytest.raises(Refused) as refused:
        kind.desk_handle(
            desk(two_groups[0], now=day(2)), "groups", "move_person",
            {"member": f"{member.pk}-1", "to": "2", "reason": "x"}, {},
        )  # fmt: skip
    assert refused.value.status == 404


def test_the_groups_page_shows_who_is_where_and_costs_the_same_for_more(
    cohort, kind, desk, django_assert_max_num_queries
):
    people = cohort(30)
    people[0].see(now=day(0))
    with django_assert_max_num_queries(12):
        screen = kind.desk_screen(desk(people[0], now=day(1)), "groups")
        html = render(screen)
    assert [group["size"] for group in screen.context["groups"]] == [6] * 5
    assert "fewer than 3 answers" in html
    assert people[7].user.first_name in html or people[7].user.email.split("@")[0] in html


def test_a_post_for_all_groups_stands_in_each(two_groups, kind, desk):
    at = desk(two_groups[0], now=day(2))
    kind.desk_handle(at, "write", "write", {"body": "ขอชวนคิดต่อ", "key": "x", "to": "all"}, {})
    assert sorted(Post.objects.filter(kind="facilitator").values_list("group", flat=True)) == [1, 2]
    kind.desk_handle(at, "write", "write", {"body": "เฉพาะกลุ่มนี้", "key": "y", "to": "2"}, {})
    assert Post.objects.get(body="เฉพาะกลุ่มนี้").group == 2


def test_legacy_rooms_are_one_group(join):
    from django.apps import apps

    from activities.discussion.migrations import __name__ as package

    learner, other = join(), join()
    learner.answer(0)
    other.answer(1)
    Post.objects.update(group=0, alias=0)
    Member.objects.all().delete()
    Group.objects.all().delete()
    import importlib

    module = importlib.import_module(f"{package}.0003_people_into_groups")
    module.into_one_group(apps, None)
    assert [group_of(one) for one in (learner, other)] == [1, 1]
    assert other.post().pk in [e["id"] for e in learner.see("stream").context["entries"]]
    assert sorted(Post.objects.filter(kind="initial").values_list("alias", flat=True)) == [1, 2]
    module.into_no_group(apps, None)
    assert not Member.objects.exists()


def test_the_smallest_other_group_takes_the_dead_one(cohort):
    people = cohort(15)
    in_groups(people, 7, 5, 3)
    for n in range(3):
        answer(people[n], n)
        answer(people[7 + n], n)
    people[0].see(now=day(4))
    assert sizes(people[0]) == [7, 8]
    assert talks.of_visit(people[0].visit(day(4))).talk.rescued_at
