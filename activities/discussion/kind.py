"""The discussion, as the contract asks for it."""

import math

from django.db.models import OuterRef, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from activities.core.contract import ActivityKind, NextStep, Outcome, SharedText, Waiting
from activities.core.enums import Category
from activities.core.errors import Refused
from activities.core.machine import Table
from activities.core.minutes import SLACK, reading, writing
from activities.core.pacing import Phase

from . import archive as archives
from . import desk as desks
from . import (
    evidence,
    follows,
    machine,
    moderation,
    names,
    needs,
    news,
    personal,
    publishing,
    queries,
    screens,
    standing,
    talks,
)
from . import writing as write
from .content import Discussion, parse
from .enums import READABLE, PostKind, PostState, RunPhase, Stage
from .models import Member


class DiscussionKind(ActivityKind):
    name = "discussion"
    category = Category.ACTIVE
    label = gettext_lazy("Discussion")
    method_label = gettext_lazy("Discuss")
    icon = "discussion"
    has_desk = True

    @property
    def page_model(self):
        from .models import DiscussionPage

        return DiscussionPage

    # -- authoring ------------------------------------------------------------------------------

    def content(self, page) -> Discussion:
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
        if not content.required_replies:
            return _("Answer a question and read what others answered")
        return ngettext(
            "Answer a question and reply to %(count)d person",
            "Answer a question and reply to %(count)d people",
            content.required_replies,
        ) % {"count": content.required_replies}

    def expectations(self, content) -> list[str]:
        found = [_("Write about your own work: others in the course will read your answer")]
        if content.required_replies:
            found.append(
                ngettext(
                    "Reply to the post of %(count)d other person",
                    "Reply to the posts of %(count)d other people",
                    content.required_replies,
                )
                % {"count": content.required_replies}
            )
        return found

    def search_text(self, content) -> str:
        # Sample voices stand behind the same wall as everybody's posts.
        return "\n".join(prompt.text for prompt in content.prompts)

    def shared_texts(self, participation):
        return [
            SharedText(
                key=str(post.pk),
                audience=audience(participation.cohort, participation.item, post.group),
                text=post.body,
                step=f"post-{post.root_id or post.pk}",
                written_at=post.edited_at or post.created_at,
            )
            for post in queries.own(participation).filter(
                state__in=READABLE, kind__in=[PostKind.INITIAL, PostKind.REPLY]
            )
        ]

    def shared_audiences(self, participations):
        # The wall: who has not answered does not learn what others wrote, here neither. Who has reads
        # what the group reads that they are in now. A seat has a place in each discussion of a course,
        # so the place has to be that of the very discussion in which the person has answered.
        past_the_wall = participations.filter(version__kind=self.name, data__has_key="unlocked_at")
        place = Member.objects.filter(seat=OuterRef("seat"), item=OuterRef("item"))
        rows = past_the_wall.annotate(number=Subquery(place.values("group__number")[:1]))
        return {
            audience(*row)
            for row in rows.order_by().values_list("cohort", "item", "number")
            if row[2] is not None
        }

    @property
    def transitions(self):
        return (
            Table("stage", Stage, machine.TRANSITIONS, way=machine.path),
            Table("post", PostState, moderation.TRANSITIONS),
            Table("run", RunPhase, machine.RUN_TRANSITIONS),
        )

    # -- learning -------------------------------------------------------------------------------

    def screen(self, visit, step, submitted=None):
        return screens.screen(visit, step, submitted)

    def handle(self, visit, step, action, data, files):
        act = ACTIONS.get(action)
        if act is None:
            raise Refused(_("Sala does not know this action."), code="unknown_action", status=400)
        return act(visit, step, data)

    def visible_events(self, visit, events):
        return news.parts(visit, events)

    phases = (
        Phase("initial", gettext_lazy("Answer")),
        Phase("replies", gettext_lazy("Read and reply")),
        Phase("synthesis", gettext_lazy("Draw a conclusion")),
    )

    def phase_of(self, step, action):
        """None: phases are due dates here, not walls, and a facilitator may move or reopen them, so
        `talks.check_open` decides, for each action by itself."""
        return ""

    def waiting(self, participation):
        state = talks.of_participation(participation, participation.version.rules, timezone.now())
        if not state.patient:
            return []
        return [
            Waiting(
                _(
                    "Others of your group may still answer. From this date on, fewer replies are enough."
                ),
                state.until,
                "stream",
            )
        ]

    def next_step(self, participation):
        rules = participation.version.rules
        counts = participation.data.get("counts", {})
        stage = standing.stage_of(participation)
        if stage == Stage.COMPLETE:
            return None
        if stage == Stage.LOCKED:
            return NextStep(_("Answer the prompt"), minutes(rules.min_chars_initial))
        if stage == Stage.SYNTHESISING:
            return NextStep(_("Write your conclusion"), minutes(rules.min_chars_synthesis))
        done, wanted = counts.get("answers", [1, 1])
        if done < wanted:
            return NextStep(_("Answer the prompt"), minutes(rules.min_chars_initial))
        done, wanted = counts.get("replies", [0, rules.required_replies])
        left = max(0, wanted - done)
        if not left:
            left_to_read = reading(rules.peers_to_read * rules.min_chars_initial)
            return NextStep(_("Read what others wrote"), max(1, math.ceil(left_to_read)))
        label = ngettext("Reply to %(count)d person", "Reply to %(count)d people", left)
        return NextStep(label % {"count": left}, minutes(left * rules.min_chars_reply))

    def preview_modes(self, page):
        from . import rehearsal

        return rehearsal.modes(self.content(page))

    def rehearse(self, visit, mode, step):
        from . import rehearsal

        return rehearsal.screen(visit, mode, step)

    # -- facilitating ---------------------------------------------------------------------------

    def needs(self, cohorts, now):
        return needs.waiting(cohorts, now)

    def open_to_instructor(self, participation, by):
        # One's own posts are marked in one's view, so it would tell whose the pseudonym is.
        return not participation.version.rules.pseudonymous or names.is_revealed(participation, by)

    def desk_events(self, desk, events):
        return news.desk_parts(desk, events)

    def desk_screen(self, desk, step, submitted=None):
        return desks.screen(desk, step, submitted)

    def desk_handle(self, desk, step, action, data, files):
        return desks.handle(desk, step, action, data)

    # -- people ---------------------------------------------------------------------------------

    def personal_data(self, user) -> dict:
        return personal.export(user)

    def erase(self, user) -> None:
        personal.erase(user)


def minutes(chars: int) -> int:
    """A guess at how long writing so many characters takes."""
    return max(1, math.ceil(SLACK * writing(chars)))


# -- a learner's actions ------------------------------------------------------------------------


def answer(visit, step, data) -> Outcome:
    write.answer(visit, data)
    if standing.unlocked(visit.participation):
        message = _("Your answer is in the discussion. Now you can read what others wrote.")
    else:
        message = _("Your answer is saved. Go on with the next prompt.")
    return Outcome(message=message)


def reply(visit, step, data) -> Outcome:
    match = screens.STEP.fullmatch(step)
    target = match[2] if match and match[1] == "reply" else data.get("parent", "")
    write.reply(visit, target, data)
    done, wanted = visit.participation.data["counts"]["replies"]
    if done >= wanted:
        return Outcome(message=_("Your reply is in the discussion."))
    return Outcome(
        message=_("Your reply is in the discussion: %(done)d of %(total)d.")
        % {"done": done, "total": wanted}
    )


def conclude(visit, step, data) -> Outcome:
    write.conclude(visit, data)
    return Outcome(message=_("Your conclusion is saved. You have completed the discussion."))


def finish(visit, step, data) -> Outcome:
    """Look again at what is done: somebody may have read the last post that was asked for."""
    if not standing.unlocked(visit.participation):
        raise write.wall()
    found = standing.settle_visit(visit)
    if found.complete:
        return Outcome(message=_("You have completed the discussion."))
    return Outcome(message=_("Noted how far you are."))


def own_id(step) -> str:
    match = screens.STEP.fullmatch(step)
    if match is None:
        raise write.not_found()
    return match[2]


def edit(visit, step, data) -> Outcome:
    write.edit(visit, own_id(step), data)
    return Outcome(step=back(visit), message=_("Your change is saved."))


def delete(visit, step, data) -> Outcome:
    write.delete(visit, own_id(step))
    return Outcome(step=back(visit), message=_("Your post is deleted."))


def withdraw(visit, step, data) -> Outcome:
    write.withdraw(visit, own_id(step))
    return Outcome(step=back(visit), message=_("The text of your post is withdrawn."))


def back(visit) -> str:
    return "mine" if standing.unlocked(visit.participation) else ""


def report(visit, step, data) -> Outcome:
    if not standing.unlocked(visit.participation):
        raise write.wall()
    post = write.post_to_reply_to(visit.participation, own_id(step))
    if post.kind in (PostKind.SEED, PostKind.ARCHIVE):
        raise write.not_found()
    moderation.report(visit, post, data.get("reason", ""), data.get("detail", ""))
    return Outcome(step="stream", message=_("Thank you. The facilitator will look at the post."))


def appeal(visit, step, data) -> Outcome:
    if not standing.unlocked(visit.participation):
        raise write.wall()
    post = queries.own(visit.participation).filter(pk=own_id(step)).first()
    if post is None:
        raise write.not_found()
    moderation.appeal(visit, post, data.get("appeal", ""))
    return Outcome(step="mine", message=_("The facilitator will look at your post again."))


def thread_of(visit, step):
    """The thread that a step is about; None for the whole discussion. Raises `Refused`."""
    if not standing.unlocked(visit.participation):
        raise write.wall()
    if step in ("", "stream"):
        return None
    post = write.post_to_reply_to(visit.participation, own_id(step))
    return post.root or post


def follow(visit, step, data) -> Outcome:
    follows.follow(visit.participation, thread_of(visit, step))
    return Outcome(step=step, message=_("You will be told when there is something new."))


def unfollow(visit, step, data) -> Outcome:
    follows.unfollow(visit.participation, thread_of(visit, step))
    return Outcome(step=step, message=_("You will not be told any more."))


def archive(visit, step, data) -> Outcome:
    """Agree that later groups read one's answer, or take it back."""
    if not standing.unlocked(visit.participation) or not visit.rules.reuse_archive:
        raise write.not_found()
    agreed = data.get("agree") == "1"
    archives.set_consent(visit, agreed)
    if agreed:
        return Outcome(step="mine", message=_("Thank you. Later groups may read your answer."))
    return Outcome(step="mine", message=_("Your answer is not offered to later groups."))


def audience(cohort, item, group: int) -> str:
    """The people who may read one another's posts."""
    return f"{cohort}:{item}:{group}"


ACTIONS = {
    "answer": answer,
    "reply": reply,
    "conclude": conclude,
    "finish": finish,
    "edit": edit,
    "delete": delete,
    "withdraw": withdraw,
    "report": report,
    "appeal": appeal,
    "follow": follow,
    "unfollow": unfollow,
    "archive": archive,
}
