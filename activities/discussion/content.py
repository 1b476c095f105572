"""A discussion as learners meet it: parsed once per version, never changed."""

from dataclasses import dataclass

from .enums import Anonymity, Grading


@dataclass(frozen=True)
class Source:
    title: str
    url: str


@dataclass(frozen=True)
class Prompt:
    key: str
    text: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class SeedVoice:
    """A sample answer by the author of the course, always labelled as such."""

    key: str
    author: str
    text: str


@dataclass(frozen=True)
class Level:
    points: int
    text: str


@dataclass(frozen=True)
class Criterion:
    key: str
    name: str
    weight: int
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Discussion:
    format: str
    prompts: tuple[Prompt, ...]
    min_chars_initial: int
    required_replies: int
    distinct_authors: int
    min_chars_reply: int
    peers_to_read: int
    synthesis: bool
    min_chars_synthesis: int
    synthesis_prompt: str
    reply_frames: tuple[str, ...]
    seed_voices: tuple[SeedVoice, ...]
    rubric: tuple[Criterion, ...]
    points: tuple[int, int, int]
    edit_window_minutes: int
    target_group_size: int
    grading: str = Grading.CHECKPOINTS
    rubric_percent: int = 50
    late_initial_percent: int = 100
    late_replies_percent: int = 100
    anonymity: str = Anonymity.NAMED
    reuse_archive: bool = False

    @property
    def pseudonymous(self) -> bool:
        return self.anonymity == Anonymity.PSEUDONYMOUS

    @property
    def graded_by_hand(self) -> bool:
        return self.grading in (Grading.RUBRIC, Grading.BOTH)

    def prompt(self, key: str) -> Prompt | None:
        return next((prompt for prompt in self.prompts if prompt.key == key), None)

    def seed_voice(self, key: str) -> SeedVoice | None:
        return next((voice for voice in self.seed_voices if voice.key == key), None)


def parse(page) -> Discussion:
    """The content of a `DiscussionPage`."""
    return Discussion(
        format=page.format,
        prompts=tuple(
            Prompt(
                key=block.value["key"],
                text=block.value["text"].strip(),
                sources=tuple(
                    Source(title=source["title"], url=source["url"] or "")
                    for source in block.value["sources"]
                ),
            )
            for block in page.prompts
        ),
        min_chars_initial=page.min_chars_initial,
        required_replies=page.required_replies,
        distinct_authors=page.distinct_authors,
        min_chars_reply=page.min_chars_reply,
        peers_to_read=page.peers_to_read,
        synthesis=page.synthesis,
        min_chars_synthesis=page.min_chars_synthesis if page.synthesis else 0,
        synthesis_prompt=page.synthesis_prompt.strip(),
        reply_frames=tuple(block.value for block in page.reply_frames),
        seed_voices=tuple(
            SeedVoice(
                key=block.value["key"],
                author=block.value["author"],
                text=block.value["text"].strip(),
            )
            for block in page.seed_voices
        ),
        rubric=tuple(
            Criterion(
                key=block.value["key"],
                name=block.value["name"],
                weight=block.value["weight"],
                levels=tuple(
                    Level(points=level["points"], text=level["text"])
                    for level in block.value["levels"]
                ),
            )
            for block in page.rubric
        ),
        points=(page.points_initial, page.points_replies, page.points_synthesis),
        edit_window_minutes=page.edit_window_minutes,
        target_group_size=page.target_group_size,
        grading=page.grading,
        rubric_percent=page.rubric_percent,
        late_initial_percent=page.late_initial_percent,
        late_replies_percent=page.late_replies_percent,
        anonymity=page.anonymity,
        reuse_archive=page.reuse_archive,
    )


def prompt_text(place, key: str) -> str:
    """A prompt in the language of `place` (a visit or a desk), else in the source language."""
    prompt = place.content.prompt(key) or place.rules.prompt(key)
    return prompt.text if prompt else ""
