"""A scenario as it is played: parsed from a page once, frozen, quick to ask."""

from dataclasses import dataclass
from functools import cached_property

from activities.core import substance

from .conditions import Condition, ConditionError, parse


@dataclass(frozen=True)
class Choice:
    id: str
    text: str
    to: str
    effects: tuple[tuple[str, int], ...]
    feedback: str
    condition_text: str = ""

    @cached_property
    def condition(self) -> Condition | None:
        """Raises `ConditionError` when it cannot be read."""
        return parse(self.condition_text)

    @property
    def points(self) -> int:
        return sum(points for _dimension, points in self.effects)


@dataclass(frozen=True)
class Node:
    id: str
    text: str
    choices: tuple[Choice, ...]
    image: int | None = None
    alt: str = ""

    def choice(self, choice_id: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.id == choice_id), None)

    def offered(self, totals, visited) -> list[Choice]:
        """The choices of which the condition holds, in document order."""
        return [
            choice
            for choice in self.choices
            if choice.condition is None or choice.condition.holds(totals, visited)
        ]


@dataclass(frozen=True)
class Ending:
    id: str
    quality: str
    text: str
    lesson: str


@dataclass(frozen=True)
class Question:
    key: str
    text: str
    min_chars: int


@dataclass(frozen=True)
class Scenario:
    your_role: str
    dimensions: tuple[tuple[str, str], ...]
    start: str
    nodes: tuple[Node, ...]
    endings: tuple[Ending, ...]
    reflection: tuple[Question, ...]
    attempts_required: int = 1
    attempts_max: int = 4
    show_feedback: str = "now"

    @cached_property
    def by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def ending_by_id(self) -> dict[str, Ending]:
        return {ending.id: ending for ending in self.endings}

    @cached_property
    def question_by_key(self) -> dict[str, Question]:
        return {question.key: question for question in self.reflection}

    @cached_property
    def dimension_names(self) -> dict[str, str]:
        return dict(self.dimensions)

    @cached_property
    def measures(self):
        """The ruler of this scenario: `graph.measure`, worked out once.

        Raises `graph.Unplayable`.
        """
        from .graph import measure

        return measure(self)

    @cached_property
    def task_text(self) -> str:
        """What makes the task: two scenarios of the same scenes are the same task."""
        return substance.normalise(self.your_role + "".join(node.text for node in self.nodes))


class Told:
    """A scenario's words in the learner's language, the source's where there are none.

    `rules` is the source: what exists, and in which order, is its business alone.
    """

    def __init__(self, content: Scenario, rules: Scenario):
        self.content = content
        self.rules = rules

    @property
    def your_role(self) -> str:
        return self.content.your_role or self.rules.your_role

    def dimension(self, key: str) -> str:
        return self.content.dimension_names.get(key) or self.rules.dimension_names.get(key, key)

    def scene(self, node_id: str) -> str:
        return self._of(node_id, "text")

    def alt(self, node_id: str) -> str:
        return self._of(node_id, "alt")

    def _of(self, node_id: str, name: str) -> str:
        told, meant = self.content.by_id.get(node_id), self.rules.by_id.get(node_id)
        return (getattr(told, name) if told else "") or (getattr(meant, name) if meant else "")

    def choice(self, node_id: str, choice_id: str) -> tuple[str, str]:
        """(text, feedback)"""
        found = [
            choice
            for scenario in (self.content, self.rules)
            if (node := scenario.by_id.get(node_id)) and (choice := node.choice(choice_id))
        ]
        text = next((choice.text for choice in found if choice.text), choice_id)
        feedback = next((choice.feedback for choice in found if choice.feedback), "")
        return text, feedback

    def ending(self, ending_id: str) -> Ending:
        meant = self.rules.ending_by_id[ending_id]
        told = self.content.ending_by_id.get(ending_id, meant)
        return Ending(meant.id, meant.quality, told.text or meant.text, told.lesson or meant.lesson)

    def question(self, key: str) -> str:
        told = self.content.question_by_key.get(key)
        return (told.text if told else "") or self.rules.question_by_key[key].text


def scenario_of(page) -> Scenario:
    """What a page says, finished or not: nothing is required here."""
    return Scenario(
        your_role=clean(page.your_role),
        dimensions=tuple(
            (clean(value.get("key")), clean(value.get("name"))) for value in values(page.dimensions)
        ),
        start=clean(page.start),
        nodes=tuple(node_of(value) for value in values(page.nodes)),
        endings=tuple(
            Ending(
                id=clean(value.get("id")),
                quality=clean(value.get("quality")),
                text=clean(value.get("text")),
                lesson=clean(value.get("lesson")),
            )
            for value in values(page.endings)
        ),
        reflection=tuple(
            Question(
                key=clean(value.get("key")),
                text=clean(value.get("text")),
                min_chars=value.get("min_chars") or 0,
            )
            for value in values(page.reflection)
        ),
        attempts_required=page.attempts_required or 1,
        attempts_max=page.attempts_max or 0,
        show_feedback=page.show_feedback,
    )


def node_of(value) -> Node:
    image = value.get("image")
    return Node(
        id=clean(value.get("id")),
        text=clean(value.get("text")),
        choices=tuple(choice_of(choice) for choice in value.get("choices") or []),
        image=image.pk if image else None,
        alt=clean(value.get("alt")),
    )


def choice_of(value) -> Choice:
    return Choice(
        id=clean(value.get("id")),
        text=clean(value.get("text")),
        to=clean(value.get("to")),
        effects=tuple(
            (clean(effect.get("dimension")), effect.get("points") or 0)
            for effect in value.get("effects") or []
        ),
        feedback=clean(value.get("feedback")),
        condition_text=clean(value.get("condition")),
    )


def values(stream) -> list:
    return [block.value for block in stream or []]


def clean(text) -> str:
    return (text or "").strip()


__all__ = [
    "Choice",
    "ConditionError",
    "Ending",
    "Node",
    "Question",
    "Scenario",
    "Told",
    "scenario_of",
]
