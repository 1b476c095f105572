"""The tests that every kind has to pass."""

import copy
import json
import re
import uuid
from decimal import Decimal
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.template import Context, Template
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils.datastructures import MultiValueDict
from django.utils.html import escape
from django.utils.translation import override
from wagtail.models import Page

from activities.core import guard, registry
from activities.core.content import forget
from activities.core.enums import Category
from activities.core.errors import Refused, TransitionNotAllowed
from activities.core.models import Attempt, Event, Participation
from activities.core.snapshots import digest, snapshot

from .html import faults
from .people import Learner, bare_kind, desk_of, form, prepared, rendered, version_of

LANGUAGES = ("th", "en")
MOST_QUERIES = 30
LEAST_TYPED = 12  # shorter values are choices and numbers
NOWHERE = "no-such-step"


@pytest.mark.django_db
class KindContract:
    """Extend this, name the kind, and say how a page of it is made and worked through."""

    kind_name: str = ""
    # Whether `walk` ends with the item completed.
    completes = True
    most_queries = MOST_QUERIES
    # Fields of the page's form that need something that a test does not have.
    without_form = False

    def make_page(self, language: str):
        """An unsaved page that could be offered as it is, in a language."""
        raise NotImplementedError

    def walk(self):
        """The actions of a learner who does what is asked, from the beginning, as `Action`s. A
        generator may look at `self.learner` between two of them."""
        raise NotImplementedError

    def refused(self):
        """Actions that are refused at the beginning because of what was typed."""
        return []

    def secrets(self, page) -> list[str]:
        """What must not be found by searching: right answers, sample solutions, other people."""
        return []

    # -- what the tests stand on ----------------------------------------------------------------

    @pytest.fixture(autouse=True)
    def _begin(self):
        forget()
        self.kind = bare_kind(self.kind_name)
        self.room = uuid.uuid4()

    def page(self, language="th", **changes):
        page = prepared(self.make_page(language), language)
        for name, value in changes.items():
            setattr(page, name, value)
        return page

    @property
    def version(self):
        if not hasattr(self, "_version"):
            self._version = version_of(self.kind, {code: self.page(code) for code in LANGUAGES})
        return self._version

    def join(self, **options) -> Learner:
        """Somebody new; `walk` finds the newest as `self.learner`."""
        self.learner = Learner(self.kind, self.version, cohort=options.pop("cohort", self.room))
        return self.learner

    def walked(self) -> Learner:
        """Somebody who has gone all the way."""
        learner = self.join()
        for action in self.walk():
            learner.do(action)
        return learner

    def everything(self) -> dict:
        """How many rows there are of whatever a kind may write, and where the learner is."""
        label = apps.get_containing_app_config(type(self.kind).__module__)
        models = [Attempt, Event, *(label.get_models() if label else [])]
        rows = {model.__name__: model._base_manager.count() for model in models}
        p = self.learner.participation
        return rows | {"state": p.state, "progress": p.progress, "score": p.score, "data": p.data}

    # -- registration and authoring --------------------------------------------------------------

    def test_it_keeps_to_the_contract(self):
        registry.check(self.kind)
        assert guard.bare(registry.get(self.kind_name)) is self.kind
        assert self.kind.category in Category.values
        for what in ("label", "method_label"):
            said = set()
            for language in LANGUAGES:
                with override(language):
                    said.add(str(getattr(self.kind, what)))
            assert all(said), f"{what} is empty"
            assert len(said) == len(LANGUAGES), f"{what} is the same in both languages"
        sprite = finders.find("sala/img/sprite.svg")
        drawings = re.findall(r'id="i-([a-z-]+)"', Path(sprite).read_text(encoding="utf-8"))
        drawn = Template("{% load sala %}{% icon name %}").render(Context({"name": self.kind.icon}))
        assert re.search(r"#i-([a-z-]+)", drawn)[1] in drawings, f"an icon is one of {drawings}"

    def test_what_belongs_to_it_is_of_the_right_type(self):
        page, guarded = self.page(), guard.GuardedKind(self.kind)
        content = self.kind.content(page)
        for name, argument in (
            *[(name, page) for name in ("ceiling", "problems", "floor", "remarks", "fingerprint")],
            *[(name, page) for name in ("preview_modes", "ceiling_advice")],
            *[(name, content) for name in ("summary", "expectations", "search_text")],
            ("search_passages", content),
        ):
            answer = getattr(self.kind, name)(argument)
            check = guard.ANSWERS.get(name)
            if check:
                check(self.kind, answer, argument)
        assert guarded.name == self.kind_name

    def test_the_page_that_tests_use_can_be_offered(self):
        for language in LANGUAGES:
            with override(language):
                assert self.kind.problems(self.page(language)) == []

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_the_edit_form_can_be_shown(self, language, admin_user):
        if self.without_form:
            pytest.skip("the form of this page needs what a test does not have")
        page = self.page(language)
        request = RequestFactory().get("/admin/")
        request.user = admin_user
        with override(language):
            Page.get_first_root_node().add_child(instance=page)
            handler = self.kind.page_model.get_edit_handler()
            made = handler.get_form_class()(instance=page, for_user=admin_user)
            panel = handler.get_bound_panel(instance=page, request=request, form=made)
            html = str(panel.render_html())
        assert escape(page.title) in html

    def test_a_version_gives_the_page_back(self):
        for language in LANGUAGES:
            page, again = self.page(language), self.version.page(language)
            kept, given = self.version.texts[language], snapshot(again)
            for text in (kept, given):
                text.pop("pk", None)
            assert digest(kept) == digest(given)
            assert again.title == page.title and again.locale.language_code == language

    def test_minutes_are_honest(self):
        page = self.page()
        ceiling = self.kind.ceiling(page)
        assert ceiling is None or (isinstance(ceiling, int) and ceiling >= 0)
        if self.kind.category == Category.ACTIVE:
            assert ceiling is not None, "what counts as doing must be accounted for"
            assert ceiling >= page.minutes, "the page declares more than it accounts for"
        for declared in (1, page.minutes, 480):
            minutes = self.kind.minutes(self.page(minutes=declared))
            guard.honest_minutes(self.kind, minutes, self.page(minutes=declared))
        assert self.kind.ceiling(self.page(minutes=480)) == ceiling, (
            "declaring more must not account for more"
        )
        assert self.kind.minutes(self.page(required=False)).active == 0

    def test_searching_gives_nothing_away(self):
        for language in LANGUAGES:
            page = self.page(language)
            content = self.kind.content(page)
            with override(language):
                found = self.kind.search_text(content)
                for passage in self.kind.search_passages(content):
                    found += f"\n{passage.heading}\n{passage.text}"
            for secret in self.secrets(page):
                assert secret not in found

    # -- learning ---------------------------------------------------------------------------------

    def test_every_state_has_a_screen_in_both_languages(self):
        learner = self.join()
        self.look_around(learner, "")
        for action in self.walk():
            outcome = learner.do(action)
            self.look_around(learner, outcome.step)

    def look_around(self, learner, step: str) -> None:
        for language in LANGUAGES:
            for at in {"", step}:
                screen, html = learner.see(at, language)
                assert screen.status < 400
                assert not faults(html), f"at {at!r} in {language}: {faults(html)}"
        participation = learner.participation
        upcoming = self.kind.next_step(participation)
        if upcoming is not None:
            assert str(upcoming.label) and upcoming.minutes >= 0
            learner.see(upcoming.step)
        for waiting in self.kind.waiting(participation):
            assert str(waiting.text)
            assert waiting.until is not None, "whoever waits is told until when"

    def test_a_step_or_an_action_that_is_not_there_is_refused(self):
        learner = self.join()
        with pytest.raises(Refused) as caught:
            learner.see(NOWHERE)
        assert caught.value.status == 404
        before = self.everything()
        for language in LANGUAGES:
            with override(language), pytest.raises(Refused) as caught:
                with transaction.atomic():
                    self.kind.handle(
                        learner.visit(), "", "no_such_action", form({}), MultiValueDict()
                    )
            assert caught.value.message and 400 <= caught.value.status < 500
        assert self.everything() == before

    def test_an_empty_form_is_refused_or_changes_nothing_twice(self):
        learner = self.join()
        for action in self.walk():
            for _n in range(2):
                try:
                    learner.send(action.step, action.action, form({}))
                except Refused as error:
                    assert error.message and 400 <= error.status < 500
            break

    def test_a_second_press_has_no_second_effect(self):
        learner = self.join()
        for action in self.walk():
            data = form(action.data)
            learner.send(action.step, action.action, copy.copy(data))
            once = self.everything()
            try:
                learner.send(action.step, action.action, copy.copy(data))
            except Refused as error:
                assert error.message and 400 <= error.status < 500
            assert self.everything() == once, f"{action.action} twice is more than once"

    def test_a_refusal_says_why_and_keeps_what_was_typed(self):
        for action in self.refused():
            learner, messages = self.join(), set()
            for language in LANGUAGES:
                error, html = learner.refusal(action, language)
                assert 400 <= error.status < 500 and error.message
                messages.add(error.message)
                assert not faults(html), f"in {language}: {faults(html)}"
                for value in action.data.values():
                    if isinstance(value, str) and len(value) >= LEAST_TYPED:
                        assert value in html, "what was typed is gone"
            assert len(messages) == len(LANGUAGES), "the message is the same in both languages"

    def test_progress_score_and_completion_stay_in_their_bounds(self):
        learner, last = self.join(), 0
        for action in self.walk():
            learner.do(action)
            p = learner.participation
            assert last <= p.progress <= 100
            assert p.progress < 100 or p.completed
            score = self.kind.score(p)
            assert score is None or 0 <= Decimal(score) <= 100
            assert p.score is None or 0 <= p.score <= 100
            last = p.progress
        assert learner.participation.completed == self.completes
        assert self.kind.is_complete(learner.participation) == self.completes
        if self.completes:
            assert self.kind.next_step(learner.participation) is None or self.allows_more()

    def allows_more(self) -> bool:
        """Whether a kind offers a next step after completion (another attempt)."""
        return False

    def test_advancing_again_changes_nothing(self):
        learner = self.join()
        learner.advance()
        for action in self.walk():
            learner.do(action)
            learner.advance()
            once = self.everything()
            learner.advance()
            assert self.everything() == once

    def test_queries_do_not_get_out_of_hand(self):
        learner = self.join()
        self.version.content("th")
        for action in self.walk():
            visit = learner.visit()
            visit.rules, visit.content  # noqa: B018 - parsed once for a version, not for a visit
            with CaptureQueriesContext(connection) as taken, override("th"):
                self.kind.screen(visit, "")
            assert len(taken) <= self.most_queries, "the screen asks the database too often"
            learner.do(action)

    def test_its_tables_of_transitions_refuse_what_is_not_in_them(self):
        for table in self.kind.transitions:
            ways, states = set(table.ways), list(table.states)
            assert ways <= {(a, b) for a in states for b in states}
            for here in states:
                for there in states:
                    try:
                        steps = [here, *table.path(here, there)]
                    except TransitionNotAllowed as error:
                        assert error.status == 409 and error.message
                        assert (here, there) not in ways or here == there
                    else:
                        taken = set(zip(steps, steps[1:], strict=False))
                        assert taken <= ways, f"{here} to {there} leaves the table"

    # -- facilitating -----------------------------------------------------------------------------

    def test_the_desk_shows_this_run_only_and_refuses_the_unknown(self):
        if not self.kind.has_desk:
            pytest.skip("this kind has no desk")
        learner = self.walked()
        stranger = self.join(cohort=uuid.uuid4())
        stranger.user.first_name = "คนอื่นจากรุ่นอื่น"
        stranger.user.save()
        for action in self.walk():
            stranger.do(action)
        for language in LANGUAGES:
            desk = desk_of(self.version, self.room, language, None)
            with override(language):
                screen = self.kind.desk_screen(desk, "")
                html = rendered(self.kind, screen, desk.user, None)
            assert not faults(html), f"in {language}: {faults(html)}"
            assert stranger.user.first_name not in html
        desk = desk_of(self.version, self.room)
        with pytest.raises(Refused) as caught:
            self.kind.desk_screen(desk, NOWHERE)
        assert caught.value.status == 404
        with pytest.raises(Refused) as caught, transaction.atomic():
            self.kind.desk_handle(desk, "", "no_such_action", form({}), MultiValueDict())
        assert 400 <= caught.value.status < 500
        assert learner.participation.cohort == self.room

    def test_the_columns_of_a_report_are_filled_for_everybody_at_once(self):
        columns = self.kind.report_columns(self.version)
        names = [column.name for column in columns]
        assert len(names) == len(set(names))
        people = [self.walked().participation]
        if not columns:
            assert self.kind.report_rows(self.version, people) == {}
            return
        with CaptureQueriesContext(connection) as one:
            rows = self.kind.report_rows(self.version, people)
        assert set(rows[people[0].pk]) <= set(names)
        people += [self.walked().participation, self.walked().participation]
        with CaptureQueriesContext(connection) as three:
            self.kind.report_rows(self.version, people)
        assert len(three) == len(one), "the number of queries grows with the people"

    # -- people -----------------------------------------------------------------------------------

    def test_what_is_known_about_a_person_can_be_exported_and_erased(self):
        learner = self.join()
        typed = []
        for action in self.walk():
            learner.do(action)
            typed += [
                value
                for value in action.data.values()
                if isinstance(value, str) and len(value) >= LEAST_TYPED and " " in value
            ]
        known = self.kind.personal_data(learner.user)
        said = json.dumps(known, ensure_ascii=False)
        for text in typed:
            assert json.dumps(text, ensure_ascii=False)[1:-1] in said, "a text is not exported"
        stranger = Learner(self.kind, self.version, cohort=self.room)
        for text in typed:
            assert text not in json.dumps(
                self.kind.personal_data(stranger.user), ensure_ascii=False
            )
        with transaction.atomic():
            self.kind.erase(learner.user)
        with transaction.atomic():
            self.kind.erase(learner.user)
        left = json.dumps(self.kind.personal_data(learner.user), ensure_ascii=False)
        assert Participation.objects.filter(pk=learner.pk).exists(), "that it was done stays"
        for text in typed:
            assert json.dumps(text, ensure_ascii=False)[1:-1] not in left
