"""The solo role-play as the site knows it: its duties, each led to where its subject is."""

import math

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from activities.core.contract import ActivityKind, NextStep, Outcome
from activities.core.enums import Category
from activities.core.errors import Refused
from activities.core.machine import Table
from activities.core.models import Attempt, Draft, Participation
from activities.core.record import drop_draft

from . import advice, desk, faults, graph, plays, reflection, screens
from .scenario import Scenario, scenario_of


class RolePlaySoloKind(ActivityKind):
    name = "role_play_solo"
    category = Category.ACTIVE
    label = gettext_lazy("Solo role-play")
    method_label = gettext_lazy("Play a role")
    icon = "mask"
    has_desk = True

    @property
    def page_model(self):
        from .models import RolePlaySoloPage

        return RolePlaySoloPage

    # -- authoring ------------------------------------------------------------------------------

    def content(self, page) -> Scenario:
        return scenario_of(page)

    def ceiling(self, page) -> int:
        return graph.evidence(self.content(page))

    def ceiling_advice(self, page) -> str:
        return advice.advice(self.content(page), page.minutes)

    def problems(self, page) -> list[str]:
        return faults.problems(self.content(page))

    def fingerprint(self, page) -> str:
        return self.content(page).task_text

    def paths_table(self, page) -> tuple[list[dict], int]:
        """(rows, count): every path with ending, points and score, for authors only."""
        return screens.paths_table(page)

    def summary(self, content) -> str:
        return ngettext(
            "Decide for yourself in one situation",
            "Decide for yourself, %(count)s times in different ways",
            content.attempts_required,
        ) % {"count": content.attempts_required}

    def expectations(self, content) -> list[str]:
        said = []
        if content.attempts_required > 1:
            said.append(_("Play the scenario twice, choosing differently the second time."))
        if content.reflection:
            said.append(
                ngettext(
                    "Answer %(count)s question about what you learned from it.",
                    "Answer %(count)s questions about what you learned from it.",
                    len(content.reflection),
                )
                % {"count": len(content.reflection)}
            )
        return said

    def search_text(self, content) -> str:
        # Only what everybody sees first: later scenes would give the story away.
        first = content.by_id.get(content.start)
        names = [name for _key, name in content.dimensions]
        return " ".join([content.your_role, first.text if first else "", *names])

    @property
    def transitions(self):
        return (Table("phase", plays.Phase, plays.TRANSITIONS),)

    # -- learning -------------------------------------------------------------------------------

    def screen(self, visit, step, submitted=None):
        standing = plays.standing_of(visit.participation, visit.rules, visit.now)
        return screens.screen_at(visit, standing, step, submitted)

    def handle(self, visit, step, action, data, files):
        standing = plays.standing_of(visit.participation, visit.rules, visit.now)
        match action:
            case "begin":
                plays.begin(standing, data.get("attempt", ""))
                return Outcome(anchor="scene")
            case "choose":
                return self.choose(standing, data)
            case "to_reflection":
                plays.go_to_reflection(standing)
                return Outcome(step="reflection")
            case "reflect":
                return self.reflect(visit, standing, data)
        raise Refused(_("Sala does not know this action."), code="unknown_action", status=400)

    def choose(self, standing, data) -> Outcome:
        attempt = plays.choose(
            standing,
            data.get("attempt", ""),
            data.get("node", ""),
            data.get("choice", ""),
            data.get("step", ""),
        )
        if "ending" not in attempt.data:
            return Outcome(anchor="scene")
        return Outcome(step=f"play-{attempt.number}", anchor="ending")

    def reflect(self, visit, standing, data) -> Outcome:
        answers = reflection.answers_in(data, standing.rules)
        read = {id(s): s for s in (visit.rules, visit.content)}.values()
        reflection.check(answers, standing.rules, list(read))
        first = plays.reflect(standing, answers)
        drop_draft(standing.participation, "reflection")
        if first:
            return Outcome(message=_("You have completed this activity."))
        return Outcome(message=_("Your answers were changed."))

    def next_step(self, participation):
        data = participation.data
        phase = data.get("phase", plays.Phase.NOT_STARTED)
        if participation.completed:
            return None
        rules = participation.version.rules
        once = max(1, math.ceil(rules.measures.minutes))
        if phase == plays.Phase.PLAYING:
            label = _("Go on with scene %(scene)s") % {"scene": data.get("scene", 1)}
            return NextStep(label=label, minutes=once)
        enough = data.get("distinct", 0) >= rules.attempts_required
        if phase == plays.Phase.ENDING and not enough:
            if participation.state == "needs_attention":
                return NextStep(label=_("Ask your instructor for another play"), minutes=1)
            return NextStep(label=_("Play again, choosing differently"), minutes=once)
        if phase in (plays.Phase.ENDING, plays.Phase.REFLECTING):
            least = sum(question.min_chars for question in rules.reflection)
            return NextStep(
                label=_("Write down what you learned"),
                minutes=max(1, math.ceil(graph.minutes.writing(least))),
                step="reflection",
            )
        return NextStep(label=_("Begin the role-play"), minutes=participation.version.declared)

    def author_tools(self, page):
        return [(_("Graph of the scenario"), reverse("role_play_graph", args=[page.pk]), "sitemap")]

    def preview_modes(self, page):
        from . import rehearsal

        return rehearsal.modes(self.content(page))

    def rehearse(self, visit, mode, step):
        from . import rehearsal

        return rehearsal.screen(visit, mode, step)

    # -- facilitating ---------------------------------------------------------------------------

    def desk_screen(self, at, step, submitted=None):
        return desk.screen(at, step, submitted)

    def desk_handle(self, at, step, action, data, files):
        return desk.handle(at, step, action, data, files)

    # -- people ---------------------------------------------------------------------------------

    def participations(self, user):
        return Participation.objects.filter(user=user, version__kind=self.name)

    def personal_data(self, user) -> dict:
        found = []
        mine = self.participations(user).select_related("version").prefetch_related("attempts")
        for participation in mine:
            found.append(
                {
                    "title": participation.version.title(),
                    "plays": [
                        {
                            "number": attempt.number,
                            "path": attempt.data.get("path", []),
                            "ending": attempt.data.get("ending"),
                            "score": None if attempt.score is None else str(attempt.score),
                        }
                        for attempt in participation.attempts.all()
                    ],
                    "reflections": participation.data.get("reflections", {}),
                }
            )
        return {"role_plays": found} if found else {}

    def erase(self, user) -> None:
        """Reflections, drafts and paths go; that an activity was completed stays on record."""
        mine = self.participations(user)
        Draft.objects.filter(user=user, item__in=mine.values("item")).delete()
        Attempt.objects.filter(participation__in=mine).delete()
        mine.update(data={})
