"""The workshop, as the contract asks for it."""

import math
from datetime import datetime

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from activities.core.attachments import store
from activities.core.contract import ActivityKind, NextStep, Waiting
from activities.core.enums import Category
from activities.core.machine import Table
from activities.core.minutes import (
    REVIEW_BASE_MINUTES,
    REVIEW_MINUTES_PER_CRITERION,
    SLACK,
    writing,
)
from activities.core.moments import day
from activities.core.pacing import Phase

from . import (
    acts,
    assignments,
    desk_people,
    desk_practice,
    evidence,
    forecast,
    machine,
    needs,
    news,
    people,
    publishing,
    screens,
    standing,
    uploads,
)
from . import desk as desks
from .content import Workshop, parse
from .enums import Stage
from .refusals import unknown_action

PHASE_OF_ACTION = {
    "check": "submission",
    "send": "submission",
    "upload": "submission",
    "practise": "review",
    "take": "review",
    "review": "review",
    "cannot": "review",
    "assess_self": "review",
    "plan": "results",
}


class WorkshopKind(ActivityKind):
    name = "workshop"
    category = Category.ACTIVE
    label = gettext_lazy("Workshop")
    method_label = gettext_lazy("Make and review")
    icon = "workshop"
    has_desk = True

    @property
    def page_model(self):
        from .models import WorkshopPage

        return WorkshopPage

    # -- authoring ------------------------------------------------------------------------------

    def content(self, page) -> Workshop:
        return parse(page)

    def ceiling(self, page) -> int:
        return evidence.ceiling_of(parse(page))

    def ceiling_advice(self, page) -> str:
        return evidence.advice(parse(page), page.minutes)

    def problems(self, page) -> list[str]:
        return publishing.problems(parse(page))

    def fingerprint(self, page) -> str:
        return publishing.fingerprint(parse(page))

    def summary(self, content) -> str:
        if not content.reviews_per_learner:
            return _("Make something for your own work")
        return ngettext(
            "Make something for your own work and review %(count)d peer",
            "Make something for your own work and review %(count)d peers",
            content.reviews_per_learner,
        ) % {"count": content.reviews_per_learner}

    def expectations(self, content) -> list[str]:
        found = [_("Make something from your own work and send it in")]
        if content.reviews_per_learner:
            found.append(
                ngettext(
                    "Give feedback on the work of %(count)d peer",
                    "Give feedback on the work of %(count)d peers",
                    content.reviews_per_learner,
                )
                % {"count": content.reviews_per_learner}
            )
        return found

    def search_text(self, content) -> str:
        return "\n".join(
            [
                content.instructions,
                *(field.label for field in content.fields),
                *(criterion.name for criterion in content.criteria),
            ]
        )

    @property
    def transitions(self):
        return (Table("stage", Stage, machine.TRANSITIONS, way=machine.path),)

    # -- learning -------------------------------------------------------------------------------

    def screen(self, visit, step, submitted=None):
        return screens.screen(visit, step, submitted)

    def receive(self, step, action, files):
        return store.receive(files) if action == "upload" else files

    def handle(self, visit, step, action, data, files):
        if action in uploads.ACTIONS:
            return uploads.ACTIONS[action](visit, step, data, files)
        if uploads.GO_TO.fullmatch(action):
            return uploads.go(visit, step, action, data)
        if action not in acts.ACTIONS:
            raise unknown_action()
        return acts.ACTIONS[action](visit, step, data)

    def advance(self, participation, now=None) -> None:
        standing.advance(participation, now or timezone.now())

    phases = (
        Phase("submission", gettext_lazy("Do the work")),
        Phase("review", gettext_lazy("Review others")),
        Phase("results", gettext_lazy("Read and improve")),
    )

    def phase_of(self, step, action):
        if step.startswith("improve-"):
            return "results"
        return PHASE_OF_ACTION.get(action, "")

    def next_step(self, participation) -> NextStep | None:
        stage = standing.stage_of(participation)
        if participation.completed or stage in (Stage.WAITING, Stage.DONE):
            return None
        rules = participation.version.rules
        due = participation.data.get("opens_at")
        one_review = REVIEW_BASE_MINUTES + REVIEW_MINUTES_PER_CRITERION * len(rules.criteria)
        if stage in (Stage.NOT_STARTED, Stage.DRAFTING):
            chars = sum(field.min_chars for field in rules.text_fields if field.required)
            label = (
                _("Fill in the worksheet")
                if stage == Stage.NOT_STARTED
                else _("Finish the worksheet and send it")
            )
            return NextStep(label, max(1, math.ceil(SLACK * writing(chars))))
        if stage == Stage.CALIBRATING:
            return NextStep(_("Practise assessing with an example"), one_review, "practice")
        if stage == Stage.REVIEWING:
            left = participation.data.get("required", 0) - participation.data.get("done", 0)
            if left > 0:
                label = ngettext(
                    "Review the work of %(count)d peer", "Review the work of %(count)d peers", left
                ) % {"count": left}
                each = one_review + math.ceil(writing(rules.min_chars_comment))
                return NextStep(
                    label, left * each, "review", datetime.fromisoformat(due) if due else None
                )
            minutes = REVIEW_MINUTES_PER_CRITERION * len(rules.criteria)
            return NextStep(_("Assess your own work"), max(1, minutes), "self")
        if stage == Stage.REVISING:
            return NextStep(_("Write what you will change"), 5, "revise")
        return NextStep(_("Read what others say about your work"), 5, "results")

    def waiting(self, participation) -> list[Waiting]:
        held = participation.data.get("waiting")
        if not held or standing.stage_of(participation) != Stage.WAITING:
            return []
        until = datetime.fromisoformat(held["until"])
        text = _(
            "Received %(received)d of %(needed)d reviews. If more do not come, your results open "
            "on %(date)s."
        ) % {
            "received": held["received"],
            "needed": held["needed"],
            "date": day(until, (get_language() or "th")[:2]),
        }
        return [Waiting(text=text, until=until, step="waiting")]

    def visible_events(self, visit, events):
        return news.parts(visit, events)

    def preview_modes(self, page):
        from . import rehearsal

        return rehearsal.modes(self.content(page))

    def rehearse(self, visit, mode, step):
        from . import rehearsal

        return rehearsal.screen(visit, mode, step)

    # -- facilitating ---------------------------------------------------------------------------

    def needs(self, cohorts, now):
        return needs.waiting(cohorts)

    def open_to_instructor(self, participation, by):
        # The desk shows every work and every review with names.
        return True

    def handed_in(self, cohort, seats):
        return people.handed_in(cohort, seats)

    def desk_screen(self, desk, step, submitted=None):
        if step == assignments.STEP:
            return assignments.screen(desk, submitted)
        if step == forecast.STEP:
            return forecast.screen(desk, submitted)
        if forecast.ASSIGN.fullmatch(step):
            return forecast.assign_screen(desk, step, submitted)
        if step == desk_people.STEP:
            return desk_people.screen(desk)
        if step == desk_people.TABLE_STEP:
            return desk_people.export(desk)
        if step == desk_practice.STEP:
            return desk_practice.screen(desk)
        return desks.screen(desk, step, submitted)

    def desk_handle(self, desk, step, action, data, files):
        if step == assignments.STEP:
            return assignments.handle(desk, action, data)
        if forecast.ASSIGN.fullmatch(step):
            return forecast.handle(desk, step, action, data)
        if step == "" and action == "nudge":
            return desk_people.nudge(desk, data)
        return desks.handle(desk, step, action, data)

    # -- people ---------------------------------------------------------------------------------

    def personal_data(self, user) -> dict:
        return people.personal_data(user)

    def erase(self, user) -> None:
        people.erase(user)
