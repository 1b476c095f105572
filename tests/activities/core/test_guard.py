"""The boundary around kinds of other packages, and what of them is refused at registration."""

import uuid
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from activities.core import guard, health, registry
from activities.core.contract import ActivityKind, LivePart, NextStep, Outcome, Screen
from activities.core.enums import Category, State
from activities.core.errors import Refused
from activities.core.live import Place, cursor_of, happened, latest, news, opening, settled
from activities.core.models import Event, KindHealth, Participation
from activities.core.record import note, reckon
from activities.discussion.models import DiscussionPage
from tests.factories.items import participation_of, visit_of
from tests.factories.people import UserFactory

pytestmark = pytest.mark.django_db


class Foreign(ActivityKind):
    """A kind of another package: this module is none of the site's."""

    name = "discussion"  # so that the pages of the fixture are its own
    category = Category.ACTIVE
    label = method_label = "Foreign"
    page_model = DiscussionPage

    def ceiling(self, page):
        return 10


class Page:
    minutes, required = 20, True


@pytest.fixture
def learner(item_version):
    return participation_of(item_version, UserFactory())


def guarded(**duties) -> guard.GuardedKind:
    return guard.GuardedKind(type("Made", (Foreign,), duties)())


def raises(self, *args, **kwargs):
    raise RuntimeError("on purpose")


def test_what_a_kind_raises_is_noted_and_looks_like_a_missing_kind():
    with pytest.raises(registry.UnknownKind) as caught:
        guarded(next_step=raises).next_step(None)
    assert isinstance(caught.value, registry.KindFailed)
    health.flush(all_of_it=True)
    row = KindHealth.objects.get()
    assert (row.kind, row.failures, row.last_call) == ("discussion", 1, "next_step")
    assert "on purpose" in row.last_error and "test_guard.py" in row.last_error
    assert health.is_failing(row)


def test_failures_add_up():
    for _n in range(3):
        with pytest.raises(registry.KindFailed):
            guarded(waiting=raises).waiting(None)
    health.flush(all_of_it=True)
    assert KindHealth.objects.get().failures == 3


def test_a_program_that_wants_to_end_the_process_does_not():
    def leave(self, page):
        raise SystemExit(1)

    with pytest.raises(registry.KindFailed):
        guarded(problems=leave).problems(None)


def test_a_refusal_is_an_answer_where_one_may_refuse_and_a_fault_elsewhere():
    def refuse(self, *args):
        raise Refused("No.", status=409)

    with pytest.raises(Refused):
        guarded(handle=refuse).handle(None, "", "", {}, {})
    with pytest.raises(registry.KindFailed):
        guarded(minutes=refuse).minutes(Page())


def test_a_failed_query_does_not_spoil_the_transaction_of_the_caller(learner):
    def spoil(self, participation):
        Participation.objects.create(
            user=participation.user,
            seat=participation.seat,
            item=participation.item,
            cohort=participation.cohort,
            version=participation.version,
        )

    with pytest.raises(registry.KindFailed) as caught, transaction.atomic():
        guarded(advance=spoil).advance(learner)
    assert isinstance(caught.value.__cause__, IntegrityError)
    assert Participation.objects.count() == 1
    assert not connection.needs_rollback


@pytest.mark.parametrize(
    ("duty", "answer"),
    [
        ("minutes", (0, 11, 0)),
        ("minutes", (0, 10, 11)),
        ("minutes", (0, -1, 0)),
        ("minutes", (0, 1.5, 0)),
        ("ceiling", "ten"),
        ("score", Decimal("100.1")),
        ("is_complete", "yes"),
        ("next_step", "go on"),
        ("waiting", ["somebody"]),
        ("report_columns", ["characters"]),
    ],
)
def test_what_the_contract_forbids_is_a_failure(duty, answer):
    kind = guarded(**{duty: lambda self, argument: answer})
    with pytest.raises(registry.KindFailed):
        getattr(kind, duty)(Page())


@pytest.mark.parametrize(
    ("duty", "arguments"), [("screen", (None, "")), ("handle", (None, "", "", {}, {}))]
)
def test_a_screen_is_a_screen_and_an_outcome_an_outcome(duty, arguments):
    with pytest.raises(registry.KindFailed):
        getattr(guarded(**{duty: lambda self, *rest: "text"}), duty)(*arguments)
    right = {"screen": Screen("x.html"), "handle": Outcome()}[duty]
    assert getattr(guarded(**{duty: lambda self, *rest: right}), duty)(*arguments) is right


def test_honest_answers_go_through():
    kind = guarded(
        minutes=lambda self, page: (0, 10, 5),
        next_step=lambda self, participation: NextStep("Go", 1),
        problems=lambda self, page: ["One"],
    )
    assert kind.minutes(Page()) == (0, 10, 5)
    assert kind.next_step(None).label == "Go"
    assert kind.problems(None) == ["One"]
    assert guarded(ceiling=lambda self, page: None).ceiling(Page()) == 0


def test_a_missing_template_is_the_fault_of_the_kind(rf):
    with pytest.raises(registry.KindFailed):
        guard.render(guarded(), rf.get("/"), "no/such.html", {})


def test_the_sites_own_kinds_are_not_guarded():
    quiz = registry.get("quiz")
    assert guard.bare(quiz) is quiz
    with pytest.raises(ZeroDivisionError), guard.boundary(quiz, "screen"):
        1 / 0  # noqa: B018 - raised on purpose


@pytest.mark.parametrize(
    ("changes", "reason", "said"),
    [
        ({"api": 2}, "api", "written for api 2, this site has 1"),
        ({"category": "rest"}, "category", "only lecture, active, neutral"),
        ({"name": "Diary!"}, "contract", "not a name"),
        ({"label": None}, "contract", "has no label"),
        ({"page_model": object}, "contract", "does not extend ItemPage"),
        ({"ceiling": ActivityKind.ceiling}, "contract", "must say with `ceiling`"),
        ({}, "name", "is taken by DiscussionKind"),
    ],
)
def test_a_kind_that_does_not_keep_to_the_contract_is_not_registered(changes, reason, said):
    before = registry.all_kinds()
    with pytest.raises(registry.KindRefused) as caught:
        registry.register(type("Made", (Foreign,), changes)())
    assert caught.value.reason == reason
    assert said in str(caught.value)
    assert registry.all_kinds() == before


def test_a_kind_that_is_switched_off_is_not_made_known(settings, monkeypatch):
    settings.LMS_PLUGINS_DISABLED = ["quiz"]
    monkeypatch.setattr(registry, "_disabled", {})
    monkeypatch.setattr(registry, "_kinds", {})
    from activities.quiz.kind import QuizKind

    registry.register(QuizKind())
    assert registry.find("quiz") is None
    assert registry.disabled_kinds() == {"quiz": "activities.quiz.kind"}


def test_score_and_completion_of_a_kind_that_does_not_record_them(learner):
    kind = guarded(score=lambda self, p: Decimal(40), is_complete=lambda self, p: False)
    reckon(kind, learner)
    learner.refresh_from_db()
    assert (learner.score, learner.state) == (Decimal(40), State.IN_PROGRESS)
    reckon(guarded(is_complete=lambda self, p: True), learner)
    learner.refresh_from_db()
    assert learner.completed and learner.score == Decimal(40)
    reckon(registry.get("quiz"), learner)


# -- events ----------------------------------------------------------------------------------------


def said(participation, **changes) -> Event:
    event = note(participation, "said")
    if changes:
        Event.objects.filter(pk=event.pk).update(**changes)
    return event


def shows(kinds=("said",)):
    return guarded(
        visible_events=lambda self, visit, events: [
            LivePart(event.pk, html="x") for event in events if event.kind in kinds
        ]
    )


def test_news_come_once_they_are_settled_and_young_ones_again(learner, time_machine):
    time_machine.move_to("2026-11-28 09:00:00+07:00", tick=False)
    first = said(learner)
    found = news(shows(), visit_of(learner), 0)
    assert [part.event for part in found.parts] == [first.pk]
    assert found.after == 0, "a young event is given again: an older one may still be committed"
    time_machine.move_to("2026-11-28 09:00:06+07:00", tick=False)
    assert latest(learner) == first.pk
    found = news(shows(), visit_of(learner), 0)
    assert found.after == first.pk
    found = news(shows(), visit_of(learner), first.pk)
    assert (found.parts, found.any) == ([], False)


def test_a_learner_sees_only_what_the_kind_shows(learner):
    note(learner, "secret")
    found = news(shows(), visit_of(learner), 0)
    assert found.any and found.parts == []


def test_a_kind_cannot_show_events_of_elsewhere(learner, item_version):
    stranger = participation_of(item_version, UserFactory())
    other = said(stranger)
    said(learner)
    kind = guarded(visible_events=lambda self, visit, events: [LivePart(other.pk, html="x")])
    assert news(kind, visit_of(learner), 0).parts == []


def test_a_page_begins_behind_young_events_and_knows_those_it_shows(learner, time_machine):
    time_machine.move_to("2026-11-28 09:00:00+07:00", tick=False)
    old = said(learner)
    time_machine.move_to("2026-11-28 09:01:00+07:00", tick=False)
    young = [said(learner), said(learner)]
    found = opening(learner)
    assert found.after == old.pk and sorted(found.known) == [event.pk for event in young]
    assert opening(Place(learner.cohort, learner.item)) == found


def test_a_desk_is_told_nothing_by_default_and_nothing_of_elsewhere(learner, item_version):
    event = said(learner)
    elsewhere = said(participation_of(item_version, UserFactory()))
    assert guarded().desk_events(None, [event]) == []
    both = guarded(
        desk_events=lambda self, desk, events: [LivePart(pk) for pk in (event.pk, elsewhere.pk)]
    )
    events = happened(Place(learner.cohort, learner.item), 0)
    found = settled(both.desk_events(None, events), events, 0)
    assert [part.event for part in found.parts] == [event.pk]
    wrong = guarded(desk_events=lambda self, desk, events: ["not a part"])
    with pytest.raises(registry.KindFailed):
        wrong.desk_events(None, events)


def test_a_cursor_of_elsewhere_is_gone_and_one_that_is_no_number_is_refused(learner, item_version):
    other = said(participation_of(item_version, UserFactory()))
    for cursor in (other.pk, 10**9):
        with pytest.raises(Refused) as caught:
            news(shows(), visit_of(learner), cursor)
        assert caught.value.status == 410
    for text in ("", "x", "-1", "๑", "9" * 30):
        with pytest.raises(Refused) as caught:
            cursor_of(text)
        assert caught.value.status == 400


def test_a_message_sent_twice_is_one_and_somebody_elses_mark_is_refused(learner, item_version):
    key = uuid.uuid4()
    assert note(learner, "said", key=key) == note(learner, "said", key=key)
    with pytest.raises(Refused) as caught:
        note(participation_of(item_version, UserFactory()), "said", key=key)
    assert caught.value.status == 409
    assert Event.objects.count() == 1
