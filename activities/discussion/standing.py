"""How far a learner is: computed from the posts, noted in the participation."""

from dataclasses import dataclass, field
from decimal import Decimal

from activities.core.enums import State
from activities.core.record import record

from . import checkpoints, machine, queries, talks
from .enums import READABLE, PostKind, PostState, Stage


@dataclass
class Standing:
    """What is required of a learner and what of it is done.

    `needed_replies`, `needed_authors` and `needed_reads` are what the author asks for, or fewer
    where there are not so many others. `replied` holds the posts (ids of roots) replied to,
    `received` is the number of replies to own answers, `taken_away` that of own posts which a
    facilitator or reports have hidden.
    """

    unlocked: bool
    prompts: int
    answered: set = field(default_factory=set)
    replies: int = 0
    valid_replies: int = 0
    needed_replies: int = 0
    needed_authors: int = 0
    reads: int = 0
    needed_reads: int = 0
    synthesis: bool = False
    synthesis_asked: bool = False
    replied: set = field(default_factory=set)
    received: int = 0
    taken_away: int = 0
    read_ids: set = field(default_factory=set)
    others: queries.Others | None = None
    points: Decimal = Decimal(0)
    score: Decimal | None = None
    by_hand: Decimal | None = None
    late: tuple[int, int] = (0, 0)
    patient: bool = False

    @property
    def waiting_for_others(self) -> bool:
        """More is asked than there is to reply to, because others may still come."""
        return (
            self.patient
            and self.unlocked
            and self.others is not None
            and self.replies < self.needed_replies
            and len(self.replied) >= self.others.to_reply_to
        )

    @property
    def answers_done(self) -> bool:
        return len(self.answered) >= self.prompts

    @property
    def replies_done(self) -> bool:
        return self.replies >= self.needed_replies

    @property
    def reads_done(self) -> bool:
        return self.reads >= self.needed_reads

    @property
    def ready_for_synthesis(self) -> bool:
        return self.unlocked and self.answers_done and self.replies_done and self.reads_done

    @property
    def complete(self) -> bool:
        return self.ready_for_synthesis and (self.synthesis or not self.synthesis_asked)

    @property
    def stage(self) -> Stage:
        if not self.unlocked:
            return Stage.LOCKED
        if self.complete:
            return Stage.COMPLETE
        if self.ready_for_synthesis:
            return Stage.SYNTHESISING
        return Stage.REPLYING if self.valid_replies and self.answers_done else Stage.POSTED

    @property
    def percent(self) -> int:
        """The share of the checklist that is done, 0 to 99 (100 is for completion)."""
        asked = self.prompts + self.needed_replies + self.needed_reads + self.synthesis_asked
        done = (
            min(len(self.answered), self.prompts)
            + min(self.replies, self.needed_replies)
            + min(self.reads, self.needed_reads)
            + (self.synthesis and self.synthesis_asked)
        )
        return min(99, 100 * done // asked) if asked else 0

    @property
    def counts(self) -> dict:
        """The checklist as numbers, for places that must not ask the database again."""
        return {
            "answers": [min(len(self.answered), self.prompts), self.prompts],
            "reads": [min(self.reads, self.needed_reads), self.needed_reads],
            "replies": [self.replies, self.needed_replies],
            "synthesis": [int(self.synthesis), int(self.synthesis_asked)],
        }


def unlocked(participation) -> bool:
    """Whether others' posts may be loaded at all. Set once, by an own valid answer."""
    return bool(participation.data.get("unlocked_at"))


def stage_of(participation) -> Stage:
    return Stage(participation.data.get("stage", Stage.LOCKED))


def standing(participation, rules, *, patient: bool = False) -> Standing:
    """Read from the database: one query before the wall, three after it, one more for grades.

    `patient` says that others may still come: then all the replies are asked for that the author
    wants, else as many as there is something to reply to.
    """
    found = Standing(
        unlocked=unlocked(participation),
        prompts=len(rules.prompts),
        synthesis_asked=rules.synthesis,
        patient=patient,
    )
    if participation.pk is None:
        return found
    keys = {prompt.key for prompt in rules.prompts}
    reply_voices = []
    late_answers = late_replies = 0
    for kind, prompt, valid, state, root, voice, answers, late in queries.own(
        participation
    ).values_list(
        "kind", "prompt", "valid", "state", "root_id", "parent__voice", "answers", "late"
    ):
        found.received += answers
        found.taken_away += state in (PostState.HIDDEN, PostState.REMOVED)
        if not valid or state not in READABLE:
            continue
        if kind == PostKind.INITIAL and prompt in keys:
            found.answered.add(prompt)
            late_answers += late
        elif kind == PostKind.REPLY:
            reply_voices.append(voice)
            found.replied.add(root)
            late_replies += late
        elif kind == PostKind.SYNTHESIS:
            found.synthesis = True
    found.valid_replies = len(reply_voices)
    if found.unlocked:
        found.others = others = queries.others(participation)
        found.read_ids = queries.posts_read(participation)
        found.reads = len(found.read_ids)
        # What was enough on the day of completion stays enough when more people come.
        most = participation.data.get("needed") or {}
        replies, reads = others.to_reply_to, others.readable
        if patient:
            replies, reads = rules.required_replies, rules.peers_to_read
        found.needed_replies = min(rules.required_replies, replies, most.get("replies", replies))
        authors = rules.distinct_authors if patient else others.voices
        found.needed_authors = min(rules.distinct_authors, authors, found.needed_replies)
        found.needed_reads = min(rules.peers_to_read, reads, most.get("reads", reads))
        found.replies = checkpoints.counted_replies(
            reply_voices, found.needed_replies, found.needed_authors
        )
    found.late = (late_answers, late_replies)
    counted_late = max(0, found.replies - (len(reply_voices) - late_replies))
    found.points = checkpoints.score(
        rules.points,
        initial=Decimal(min(len(found.answered), found.prompts)) / max(1, found.prompts),
        replies=found.replies,
        required=found.needed_replies if found.unlocked else rules.required_replies,
        synthesis=found.synthesis,
        synthesis_asked=found.synthesis_asked,
        late_initial=checkpoints.late_factor(
            len(found.answered) - late_answers, late_answers, rules.late_initial_percent
        ),
        late_replies=checkpoints.late_factor(
            found.replies - counted_late, counted_late, rules.late_replies_percent
        ),
    )
    if rules.graded_by_hand:
        found.by_hand = queries.released_score(participation)
    found.score = checkpoints.combined(rules, found.points, found.complete, found.by_hand)
    return found


def seen_by(visit) -> Standing:
    """The standing of somebody who looks or acts, with what the dates say of others."""
    return standing(visit.participation, visit.rules, patient=talks.of_visit(visit).patient)


def settle_visit(visit) -> Standing:
    """`settle` for somebody who acts."""
    return settle(
        visit.participation, visit.rules, visit.now, patient=talks.of_visit(visit).patient
    )


def settle(
    participation, rules, now, *, patient: bool | None = None, visit: bool = True
) -> Standing:
    """Note how far the learner is, after something was written, read, hidden or restored.

    The participation must be locked. `patient` is looked up when the caller does not know it. Somebody who had completed and lost a contribution is told
    that this needs attention; the date of completion stays.
    """
    if patient is None:
        patient = talks.of_participation(participation, rules, now).patient
    found = standing(participation, rules, patient=patient)
    if not found.unlocked and found.answers_done:
        participation.data["unlocked_at"] = now.isoformat()
        found = standing(participation, rules, patient=patient)
    stage = stage_of(participation)
    for passed in machine.path(stage, found.stage):
        participation.data["stage"] = str(passed)
    participation.data["counts"] = found.counts
    state = State.IN_PROGRESS
    if found.stage == Stage.COMPLETE:
        state = State.COMPLETED
        participation.data.setdefault(
            "needed", {"replies": found.needed_replies, "reads": found.needed_reads}
        )
    elif participation.completed:
        state = State.NEEDS_ATTENTION
    elif found.waiting_for_others:
        state = State.WAITING
    record(
        participation,
        state=state,
        progress=found.percent,
        score=found.score,
        now=now,
        visit=visit,
    )
    return found
