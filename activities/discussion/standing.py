"""How far a learner is: computed from the posts, noted in the participation."""

from dataclasses import dataclass, field
from decimal import Decimal

from activities.core.enums import State
from activities.core.record import record

from . import checkpoints, machine, queries
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
    score: Decimal = Decimal(0)

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


def standing(participation, rules) -> Standing:
    """Read from the database: one query before the wall, three after it."""
    found = Standing(
        unlocked=unlocked(participation),
        prompts=len(rules.prompts),
        synthesis_asked=rules.synthesis,
    )
    if participation.pk is None:
        return found
    keys = {prompt.key for prompt in rules.prompts}
    reply_voices = []
    for kind, prompt, valid, state, root, voice, answers in queries.own(participation).values_list(
        "kind", "prompt", "valid", "state", "root_id", "parent__voice", "answers"
    ):
        found.received += answers
        found.taken_away += state in (PostState.HIDDEN, PostState.REMOVED)
        if not valid or state not in READABLE:
            continue
        if kind == PostKind.INITIAL and prompt in keys:
            found.answered.add(prompt)
        elif kind == PostKind.REPLY:
            reply_voices.append(voice)
            found.replied.add(root)
        elif kind == PostKind.SYNTHESIS:
            found.synthesis = True
    found.valid_replies = len(reply_voices)
    if found.unlocked:
        found.others = others = queries.others(participation)
        found.read_ids = queries.posts_read(participation)
        found.reads = len(found.read_ids)
        # What was enough on the day of completion stays enough when more people come.
        most = participation.data.get("needed") or {}
        found.needed_replies = min(
            rules.required_replies, others.to_reply_to, most.get("replies", others.to_reply_to)
        )
        found.needed_authors = min(rules.distinct_authors, others.voices, found.needed_replies)
        found.needed_reads = min(
            rules.peers_to_read, others.readable, most.get("reads", others.readable)
        )
        found.replies = checkpoints.counted_replies(
            reply_voices, found.needed_replies, found.needed_authors
        )
    found.score = checkpoints.score(
        rules.points,
        initial=Decimal(min(len(found.answered), found.prompts)) / max(1, found.prompts),
        replies=found.replies,
        required=found.needed_replies if found.unlocked else rules.required_replies,
        synthesis=found.synthesis,
        synthesis_asked=found.synthesis_asked,
    )
    return found


def settle(participation, rules, now) -> Standing:
    """Note how far the learner is, after something was written, read, hidden or restored.

    The participation must be locked. Somebody who had completed and lost a contribution is told
    that this needs attention; the date of completion stays.
    """
    found = standing(participation, rules)
    if not found.unlocked and found.answers_done:
        participation.data["unlocked_at"] = now.isoformat()
        found = standing(participation, rules)
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
    record(participation, state=state, progress=found.percent, score=found.score, now=now)
    return found
