"""A discussion of a run: dates, facilitators' buttons, closed and locked, all have answered."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils.translation import override

from activities.core.contract import Submitted
from activities.core.enums import State
from activities.core.errors import Refused
from activities.core.models import Decision, Event, Notification
from activities.discussion import advance, machine, talks
from activities.discussion.enums import RunPhase
from activities.discussion.models import Post, Talk
from tests.factories.items import version_of

from .conftest import ANSWERS, CONCLUSION, REPLIES, page_in, render
from .run_helpers import day

pytestmark = pytest.mark.django_db


def phase(learner, at) -> str:
    return talks.of_visit(learner.visit(day(at))).phase


def press(kind, at_desk, action, **data):
    state = talks.of_desk(at_desk)
    seen = {"version": str(state.talk.version), "phase": str(state.phase)}
    return kind.desk_handle(at_desk, "", action, {**seen, **data}, {})


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (-0.001, "scheduled"),
        (0, "initial"),
        (3.999, "initial"),
        (4, "replies"),
        (6.999, "replies"),
        (7, "synthesis"),
        (9, "closed"),
        (99, "closed"),
    ],
)
def test_the_dates_move_it_and_an_instant_belongs_to_the_later_phase(cohort, at, expected):
    assert phase(cohort(2)[0], at) == expected


def test_without_dates_everybody_goes_at_their_own_pace(join):
    assert phase(join(), 500) == "initial"


def test_before_it_opens_one_reads_what_is_asked_and_cannot_answer(cohort):
    learner = cohort(2)[0]
    learner.language = "en"
    html = render(learner.see(now=day(-1)))
    assert "opens on 16 Nov 2026, 09:00" in html and "<textarea" not in html
    with pytest.raises(Refused) as refused:
        learner.do("answer", body=ANSWERS[0], now=day(-1))
    assert (refused.value.status, refused.value.code) == (409, "not_open_yet")
    shown = render(
        learner.see(submitted=Submitted("answer", {"body": ANSWERS[0]}, refused.value), now=day(-1))
    )
    assert ANSWERS[0][:40] in shown, "what was typed is still there"


def test_phases_are_no_walls_one_may_run_ahead(cohort):
    early, other = cohort(2)
    early.do("answer", body=ANSWERS[0], now=day(1))
    other.do("answer", body=ANSWERS[1], now=day(1))
    early.do("reply", step=f"reply-{other.post().pk}", body=REPLIES[0], now=day(1.5))
    assert Post.objects.filter(kind="reply").count() == 1


@pytest.mark.parametrize("language", ["en", "th"])
def test_what_is_closed_takes_nothing_and_keeps_the_draft(cohort, language):
    learner, other = cohort(2)
    learner.do("answer", body=ANSWERS[0], now=day(1))
    other.do("answer", body=ANSWERS[1], now=day(1))
    with override(language):
        for action, step in (
            ("reply", f"reply-{other.post().pk}"),
            ("conclude", "synthesis"),
            ("edit", f"edit-{learner.post().pk}"),
            ("delete", f"delete-{learner.post().pk}"),
        ):
            with pytest.raises(Refused) as refused:
                learner.do(action, step=step, body=REPLIES[0], now=day(9))
            assert refused.value.status == 409, action
            when = {"en": "25 Nov 2026, 09:00", "th": "25 พ.ย. 2569 09.00 น."}[language]
            assert when in refused.value.message
    assert "This discussion closed on" in render(learner.see(now=day(9)))
    html = render(learner.see("stream", now=day(9)))
    assert ANSWERS[1][:40] in html and "reply-" not in html


def test_who_never_answered_stays_behind_the_wall_when_it_is_closed(cohort):
    idle, other = cohort(2)
    other.do("answer", body=ANSWERS[1], now=day(1))
    html = render(idle.see(now=day(10)))
    assert "You have not answered in time" in html and ANSWERS[1][:40] not in html
    with pytest.raises(Refused) as refused:
        idle.see("stream", now=day(10))
    assert refused.value.status == 403


def test_a_deadline_between_page_and_post(cohort):
    learner = cohort(2)[0]
    assert "<textarea" in render(learner.see(now=day(8.99)))
    with pytest.raises(Refused) as refused:
        learner.do("answer", body=ANSWERS[0], now=day(9))
    assert refused.value.code == "closed"


def test_more_time_keeps_it_open_for_one_person_also_after_it_was_closed(cohort, kind, desk):
    learner, other = cohort(2)
    press(kind, desk(learner, now=day(4)), "move", to="synthesis")
    press(kind, desk(learner, now=day(5)), "move", to="closed")
    with pytest.raises(Refused):
        learner.do("answer", body=ANSWERS[0], now=day(5.5))
    for seat in (learner.participation.seat,):
        Decision.objects.create(
            kind="extension",
            seat=seat,
            item=learner.participation.item,
            until=day(20),
            reason="ลาป่วย",
        )
    learner.do("answer", body=ANSWERS[0], now=day(12))
    assert Post.objects.get(kind="initial").late is False
    with pytest.raises(Refused):
        other.do("answer", body=ANSWERS[1], now=day(12))


def test_what_was_written_just_now_can_be_taken_back_even_when_it_is_closed(cohort):
    learner, other = cohort(2)
    other.do("answer", body=ANSWERS[1], now=day(1))
    learner.do("answer", body=ANSWERS[0], now=day(9) - timedelta(minutes=10))
    learner.do("delete", step=f"delete-{learner.post().pk}", now=day(9) + timedelta(minutes=10))
    assert learner.post().state == "withdrawn"
    with pytest.raises(Refused):
        other.do("delete", step=f"delete-{other.post().pk}", now=day(9) + timedelta(minutes=10))


# -- late ---------------------------------------------------------------------------------------


@pytest.fixture
def strict():
    return version_of(
        page_in(
            "th",
            late_initial_percent=80,
            late_replies_percent=50,
            peers_to_read=0,
            points_initial=50,
            points_replies=30,
            points_synthesis=20,
        )
    )


def test_a_late_answer_and_a_late_reply_count_less(cohort, strict):
    learner = cohort(2, of=strict)[0]
    learner.do("answer", body=ANSWERS[0], now=day(4))
    learner.participation.refresh_from_db()
    assert learner.participation.score == Decimal(40)
    first, second, *_ = Post.objects.filter(kind="seed")
    learner.do("reply", step=f"reply-{first.pk}", body=REPLIES[0], now=day(6.9))
    learner.do("reply", step=f"reply-{second.pk}", body=REPLIES[1], now=day(7))
    learner.participation.refresh_from_db()
    assert learner.participation.score == Decimal("62.5")
    learner.do("conclude", step="synthesis", body=CONCLUSION, now=day(8))
    learner.participation.refresh_from_db()
    assert learner.participation.score == Decimal("82.5")
    learner.see(f"post-{first.pk}", now=day(8))
    html = render(learner.see(now=day(8)))
    assert "Answer: 40 of 50" in html and "Replies: 22.5 of 30" in html
    assert "sent after the date" in html


# -- fewer others than are asked for ------------------------------------------------------------


def test_until_replies_are_due_others_may_still_come_and_then_fewer_are_enough(cohort, kind):
    version = version_of(page_in("th", seed_voices=[]))
    first, second = cohort(2, of=version)
    first.language = "en"
    first.do("answer", body=ANSWERS[0], now=day(1))
    screen = first.see(now=day(1))
    assert screen.template.endswith("stream.html")
    assert screen.context["standing"].needed_replies == 2
    assert "from 23 Nov 2026, 09:00 on fewer replies are enough" in render(screen)
    first.participation.refresh_from_db()
    assert first.participation.state == State.WAITING
    with pytest.raises(Refused) as refused:
        first.do("conclude", step="synthesis", body=CONCLUSION, now=day(1))
    assert refused.value.status == 409
    second.do("answer", body=ANSWERS[1], now=day(2))
    first.see(f"post-{second.post().pk}", now=day(2))
    first.do("reply", step=f"reply-{second.post().pk}", body=REPLIES[0], now=day(2))
    assert first.see(now=day(6)).context["standing"].needed_replies == 2
    assert first.see(now=day(7)).template.endswith("synthesis.html")
    first.do("conclude", step="synthesis", body=CONCLUSION, now=day(7))
    first.participation.refresh_from_db()
    assert first.participation.state == State.COMPLETED and first.participation.score == 100


def test_the_night_ends_a_waiting_and_says_until_when_it_lasts(cohort, kind, time_machine):
    version = version_of(page_in("th", seed_voices=[], synthesis=False))
    learner = cohort(2, of=version, synthesis=None, replies=7)[0]
    time_machine.move_to(day(1))
    learner.do("answer", body=ANSWERS[0], now=day(1))
    learner.participation.refresh_from_db()
    assert [w.until for w in kind.waiting(learner.participation)] == [day(7)]
    place = learner.participation
    advance.advance(place.cohort, place.item, day(6))
    learner.participation.refresh_from_db()
    assert learner.participation.state == State.WAITING
    advance.advance(place.cohort, place.item, day(7))
    learner.participation.refresh_from_db()
    assert learner.participation.state == State.COMPLETED


# -- everybody has answered ---------------------------------------------------------------------


def test_when_the_last_one_has_answered_replying_begins(cohort):
    people = cohort(3)
    for n, one in enumerate(people):
        assert phase(one, 1) == "initial"
        one.do("answer", body=ANSWERS[n], now=day(1))
    assert phase(people[0], 1) == "replies"
    talk = Talk.objects.get()
    assert talk.phase_at == day(1)
    event = Event.objects.get(kind="discussion_phase")
    assert event.payload == {"from": "initial", "to": "replies", "reason": "everybody"}
    assert phase(people[0], 7) == "synthesis", "later dates go on counting"


# -- a facilitator's buttons --------------------------------------------------------------------


def test_a_facilitator_opens_early_and_advances_and_dates_go_on_counting(cohort, kind, desk):
    learner = cohort(2)[0]
    press(kind, desk(learner, now=day(-2)), "move", to="initial")
    learner.do("answer", body=ANSWERS[0], now=day(-1))
    assert phase(learner, 3.9) == "initial"
    assert phase(learner, 4) == "replies"
    press(kind, desk(learner, now=day(5)), "move", to="synthesis")
    assert phase(learner, 5) == "synthesis"
    assert phase(learner, 9) == "closed"


def test_opening_again_needs_a_reason_and_takes_late_work(cohort, kind, desk):
    learner, other = cohort(2)
    learner.do("answer", body=ANSWERS[0], now=day(1))
    at = desk(learner, now=day(10))
    with pytest.raises(Refused) as refused:
        press(kind, at, "move", to="synthesis")
    assert refused.value.fields.keys() == {"reason"}
    press(kind, desk(learner, now=day(10)), "move", to="synthesis", reason="ระบบขัดข้อง")
    assert phase(learner, 11) == "synthesis"
    other.do("answer", body=ANSWERS[1], now=day(11))
    event = Event.objects.get(kind="discussion_phase")
    assert event.payload["reason"] == "ระบบขัดข้อง" and event.payload["from"] == "closed"


@pytest.mark.parametrize(
    ("at", "to"), [(1, "synthesis"), (1, "closed"), (5, "initial"), (8, "replies"), (1, "nonsense")]
)
def test_what_the_table_does_not_have_is_refused(cohort, kind, desk, at, to):
    learner = cohort(2)[0]
    with pytest.raises(Refused) as refused:
        press(kind, desk(learner, now=day(at)), "move", to=to)
    assert refused.value.status == 409
    assert not Talk.objects.exclude(phase="").exists()


def test_the_second_of_two_facilitators_hears_what_it_is_now(cohort, kind, desk):
    learner = cohort(2)[0]
    first, second = desk(learner, now=day(1)), desk(learner, now=day(1))
    seen = {"version": "0", "phase": "initial", "to": "replies"}
    kind.desk_handle(first, "", "move", seen, {})
    with pytest.raises(Refused) as refused:
        kind.desk_handle(second, "", "move", seen, {})
    assert refused.value.status == 409
    assert "reading and replying" in refused.value.message
    assert Talk.objects.get().version == 1
    with override("th"), pytest.raises(Refused) as refused:
        kind.desk_handle(desk(learner, now=day(1)), "", "move", seen, {})
    assert "อ่านและตอบ" in refused.value.message


def test_a_date_that_passed_since_the_page_was_loaded_is_noticed_too(cohort, kind, desk):
    learner = cohort(2)[0]
    with pytest.raises(Refused) as refused:
        kind.desk_handle(
            desk(learner, now=day(4)), "", "move",
            {"version": "0", "phase": "initial", "to": "replies"}, {},
        )  # fmt: skip
    assert refused.value.code == "stale"


def test_locked_is_readable_and_takes_nothing(cohort, kind, desk):
    learner, other = cohort(2)
    learner.do("answer", body=ANSWERS[0], now=day(1))
    other.do("answer", body=ANSWERS[1], now=day(1))
    press(kind, desk(learner, now=day(2)), "lock")
    with pytest.raises(Refused) as refused:
        learner.do("reply", step=f"reply-{other.post().pk}", body=REPLIES[0], now=day(2))
    assert (refused.value.status, refused.value.code) == (409, "locked")
    html = render(learner.see("stream", now=day(2)))
    assert ANSWERS[1][:40] in html and "locked this discussion" in html
    with pytest.raises(Refused):
        press(kind, desk(learner, now=day(2)), "lock")
    press(kind, desk(learner, now=day(2)), "unlock")
    learner.do("reply", step=f"reply-{other.post().pk}", body=REPLIES[0], now=day(2))


def test_the_pinned_summary_is_read_behind_the_wall_only(cohort, kind, desk):
    learner, idle = cohort(2)
    learner.do("answer", body=ANSWERS[0], now=day(1))
    kind.desk_handle(
        desk(learner, now=day(2)),
        "",
        "summary",
        {"summary": "สามเรื่องที่เห็นตรงกัน", "version": "0"},
        {},
    )
    assert "สามเรื่องที่เห็นตรงกัน" in render(learner.see("stream", now=day(2)))
    assert "สามเรื่องที่เห็นตรงกัน" in render(learner.see(now=day(20)))
    assert "สามเรื่องที่เห็นตรงกัน" not in render(idle.see(now=day(2)))
    with pytest.raises(Refused) as refused:
        kind.desk_handle(
            desk(learner, now=day(2)), "", "summary", {"summary": "x", "version": "0"}, {}
        )
    assert refused.value.status == 409
    shown = kind.desk_screen(
        desk(learner, now=day(2)), "", Submitted("summary", {"summary": "x"}, refused.value)
    )
    assert shown.context["talk"]["summary"] == "x"


def test_every_way_of_the_table_is_one_a_facilitator_is_offered_or_a_date_takes():
    for here in RunPhase:
        for conclusion in (True, False):
            for there in machine.run_steps(here, conclusion):
                assert (here, there) in machine.RUN_TRANSITIONS
    assert machine.run_steps(RunPhase.REPLIES, True) == [RunPhase.SYNTHESIS]
    assert machine.run_steps(RunPhase.REPLIES, False) == [RunPhase.CLOSED]
    assert machine.run_steps(RunPhase.CLOSED, True) == [RunPhase.SYNTHESIS]


def test_a_phase_that_begins_is_announced_once(cohort):
    people = cohort(2)
    people[0].do("answer", body=ANSWERS[0], now=day(1))
    place = people[0].participation
    for _ in range(2):
        advance.advance(place.cohort, place.item, day(4.1))
    told = Notification.objects.filter(kind="discussion_phase")
    assert sorted(told.values_list("user", flat=True)) == sorted(one.user.pk for one in people)


def test_advance_all_finds_what_has_dates(cohort, join):
    people = cohort(2)
    people[0].do("answer", body=ANSWERS[0], now=day(1))
    assert advance.advance_all(day(4)) == 1
