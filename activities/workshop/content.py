"""A workshop as learners meet it: parsed once per version, never changed."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType

from activities.core.substance import normalise, shingles

from .enums import FieldType, LatePolicy, Strategy


@dataclass(frozen=True)
class Level:
    points: int
    text: str


@dataclass(frozen=True)
class Criterion:
    """What reviewers look at: levels to choose from, or points from 0 to `maximum`."""

    key: str
    name: str
    description: str
    weight: int
    levels: tuple[Level, ...]
    maximum: int
    comment_required: bool
    min_chars: int

    @cached_property
    def least(self) -> int:
        return min((level.points for level in self.levels), default=0)

    @cached_property
    def most(self) -> int:
        return max((level.points for level in self.levels), default=self.maximum)

    def allows(self, points: int) -> bool:
        if self.levels:
            return any(level.points == points for level in self.levels)
        return 0 <= points <= self.maximum

    def level_text(self, points: int) -> str:
        return next((level.text for level in self.levels if level.points == points), "")


@dataclass(frozen=True)
class WorksheetField:
    key: str
    label: str
    help: str
    min_chars: int
    required: bool
    type: str = FieldType.TEXT

    @property
    def takes_files(self) -> bool:
        return self.type == FieldType.FILE

    @property
    def purpose(self) -> str:
        """What its attachments are for."""
        return f"worksheet-{self.key}"

    @property
    def improved_purpose(self) -> str:
        return f"improved-{self.key}"


@dataclass(frozen=True)
class Example:
    """Work to practise on: the author's levels and why. Texts and levels by key."""

    key: str
    values: MappingProxyType
    reference: MappingProxyType
    reasons: MappingProxyType
    overall: str


@dataclass(frozen=True)
class Seed:
    """Sample work that is reviewed where peers' work is lacking; always labelled as a sample."""

    key: str
    author: str
    values: MappingProxyType
    reference: MappingProxyType
    comment: str


@dataclass(frozen=True)
class Workshop:
    mode: str
    strategy: str
    instructions: str
    instructions_reviewer: str
    fields: tuple[WorksheetField, ...]
    criteria: tuple[Criterion, ...]
    min_chars_comment: int
    reviews_per_learner: int
    min_reviews: int
    examples: tuple[Example, ...]
    seeds: tuple[Seed, ...]
    self_assessment: bool
    anonymity: str
    release_after_days: int
    revise_enabled: bool
    max_submission: int
    max_assessment: int
    aggregator: str
    reviewer_method: str
    comparison: int
    team_size: int
    late_policy: str = LatePolicy.ACCEPT
    late_points: int = 0
    late_most: int = 0
    # Live sessions come later; what they account for is already part of the ceiling.
    session_minutes: int = 0

    @cached_property
    def weights(self) -> dict[str, Fraction]:
        """What each criterion counts for. In a rubric a wider range counts for more (as points
        are added up there), in accumulative grading only the weight does."""
        if self.strategy == Strategy.RUBRIC:
            return {c.key: Fraction(c.weight * (c.most - c.least)) for c in self.criteria}
        return {c.key: Fraction(c.weight) for c in self.criteria}

    @cached_property
    def shares(self) -> dict[str, dict[int, Fraction]]:
        """What points are worth, 0 to 1, by criterion and points."""
        table = {}
        for criterion in self.criteria:
            span = criterion.most - criterion.least
            points = [level.points for level in criterion.levels] or range(criterion.maximum + 1)
            table[criterion.key] = {
                n: Fraction(n - criterion.least, span) for n in points if span > 0
            }
        return table

    @cached_property
    def sample_shingles(self) -> tuple[frozenset, ...]:
        """Examples and samples in the form in which own work is compared with them."""
        return tuple(
            frozenset(shingles(normalise(text)))
            for work in (*self.examples, *self.seeds)
            for text in work.values.values()
        )

    @cached_property
    def text_fields(self) -> tuple[WorksheetField, ...]:
        return tuple(field for field in self.fields if not field.takes_files)

    @cached_property
    def file_fields(self) -> tuple[WorksheetField, ...]:
        return tuple(field for field in self.fields if field.takes_files)

    @cached_property
    def own_shingles(self) -> frozenset[str]:
        """What the task itself says: whoever repeats it has copied from nobody."""
        told = [self.instructions, *(f"{field.label} {field.help}" for field in self.fields)]
        return frozenset().union(*(shingles(normalise(text)) for text in told))

    def field(self, key: str) -> WorksheetField | None:
        return next((one for one in self.fields if one.key == key), None)

    def criterion(self, key: str) -> Criterion | None:
        return next((one for one in self.criteria if one.key == key), None)

    def example(self, key: str) -> Example | None:
        return next((one for one in self.examples if one.key == key), None)

    def seed(self, key: str) -> Seed | None:
        return next((one for one in self.seeds if one.key == key), None)


def texts(entries) -> MappingProxyType:
    return MappingProxyType({entry["field"]: entry["text"].strip() for entry in entries})


def points(entries) -> MappingProxyType:
    return MappingProxyType({entry["criterion"]: entry["points"] for entry in entries})


def parse(page) -> Workshop:
    """The content of a `WorkshopPage`."""
    return Workshop(
        mode=page.mode,
        strategy=page.strategy,
        instructions=page.instructions.strip(),
        instructions_reviewer=page.instructions_reviewer.strip(),
        fields=tuple(
            WorksheetField(
                key=block.value["key"],
                label=block.value["label"],
                help=block.value["help"] or "",
                min_chars=0
                if block.value["type"] == FieldType.FILE
                else block.value["min_chars"] or 0,
                required=block.value["required"],
                type=block.value["type"] or FieldType.TEXT,
            )
            for block in page.worksheet
        ),
        criteria=tuple(
            Criterion(
                key=block.value["key"],
                name=block.value["name"],
                description=block.value["description"] or "",
                weight=1 if block.value["weight"] is None else block.value["weight"],
                levels=tuple(
                    Level(points=level["points"] or 0, text=level["text"])
                    for level in block.value["levels"]
                ),
                maximum=block.value["maximum"] or 0,
                comment_required=block.value["comment_required"],
                min_chars=block.value["min_chars"] or 0,
            )
            for block in page.rubric
        ),
        min_chars_comment=page.min_chars_comment,
        reviews_per_learner=page.reviews_per_learner,
        min_reviews=page.min_reviews_per_submission,
        examples=tuple(
            Example(
                key=block.value["key"],
                values=texts(block.value["worksheet"]),
                reference=points(block.value["reference"]),
                reasons=MappingProxyType(
                    {entry["criterion"]: entry["reason"] for entry in block.value["reference"]}
                ),
                overall=(block.value["overall"] or "").strip(),
            )
            for block in page.examples
        ),
        seeds=tuple(
            Seed(
                key=block.value["key"],
                author=block.value["author"],
                values=texts(block.value["worksheet"]),
                reference=points(block.value["reference"]),
                comment=(block.value["comment"] or "").strip(),
            )
            for block in page.seed_submissions
        ),
        self_assessment=page.self_assessment,
        anonymity=page.anonymity,
        release_after_days=page.release_after_days,
        revise_enabled=page.revise_enabled,
        max_submission=page.max_submission,
        max_assessment=page.max_assessment,
        aggregator=page.aggregator,
        reviewer_method=page.reviewer_method,
        comparison=page.comparison,
        team_size=page.team_size,
        late_policy=page.late_policy,
        late_points=page.late_points,
        late_most=page.late_most,
    )
