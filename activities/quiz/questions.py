"""A quiz as it is taken: parsed from a page once, frozen; what is wrong with it; its points."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from random import Random

from django.utils.translation import gettext as _

ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Answer:
    key: str
    text: str
    correct: bool


@dataclass(frozen=True)
class Question:
    key: str
    kind: str
    text: str
    answers: tuple[Answer, ...]
    explanation: str
    topic: str = ""

    @cached_property
    def right(self) -> frozenset[str]:
        return frozenset(answer.key for answer in self.answers if answer.correct)

    @cached_property
    def by_key(self) -> dict[str, Answer]:
        return {answer.key: answer for answer in self.answers}

    def points(self, chosen) -> Fraction:
        """0 to 1. One answer: right or not. Several: (right − wrong) / number right, at least 0."""
        chosen = set(chosen)
        if not self.right:
            return Fraction(0)
        if self.kind == "single":
            return Fraction(int(chosen == self.right))
        return max(
            Fraction(0),
            Fraction(len(chosen & self.right) - len(chosen - self.right), len(self.right)),
        )


@dataclass(frozen=True)
class Quiz:
    intro: str
    questions: tuple[Question, ...]
    pass_mark: int
    attempts_max: int = 0
    shuffle_choices: bool = False

    @cached_property
    def by_key(self) -> dict[str, Question]:
        return {question.key: question for question in self.questions}

    def points(self, chosen: dict[str, list[str]]) -> dict[str, Fraction]:
        """Points per question for the answers chosen."""
        return {q.key: q.points(chosen.get(q.key, ())) for q in self.questions}

    def score(self, chosen: dict[str, list[str]]) -> Fraction:
        """0 to 100, exact."""
        points = self.points(chosen)
        return 100 * sum(points.values(), Fraction(0)) / max(1, len(points))

    def passes(self, score: Fraction) -> bool:
        return score >= self.pass_mark


class Told:
    """A quiz's words in the learner's language, the source's where there are none."""

    def __init__(self, content: Quiz, rules: Quiz):
        self.content = content
        self.rules = rules

    @property
    def intro(self) -> str:
        return self.content.intro or self.rules.intro

    def question(self, key: str) -> Question:
        meant = self.rules.by_key[key]
        told = self.content.by_key.get(key, meant)
        return Question(
            key,
            meant.kind,
            told.text or meant.text,
            meant.answers,
            told.explanation or meant.explanation,
            told.topic or meant.topic,
        )

    def answer(self, question_key: str, answer_key: str) -> str:
        meant = self.rules.by_key[question_key].by_key.get(answer_key)
        told = self.content.by_key.get(question_key)
        told = told.by_key.get(answer_key) if told else None
        return (told.text if told else "") or (meant.text if meant else "")


def quiz_of(page) -> Quiz:
    """What a page says, finished or not: nothing is required here."""
    return Quiz(
        intro=clean(page.intro),
        questions=tuple(question_of(block.value) for block in page.questions or []),
        pass_mark=page.pass_mark or 0,
        attempts_max=page.attempts_max or 0,
        shuffle_choices=bool(page.shuffle_choices),
    )


def question_of(value) -> Question:
    return Question(
        key=clean(value.get("key")),
        kind=value.get("kind") or "single",
        text=clean(value.get("text")),
        answers=tuple(
            Answer(clean(a.get("key")), clean(a.get("text")), bool(a.get("correct")))
            for a in value.get("choices") or []
        ),
        explanation=clean(value.get("explanation")),
        topic=clean(value.get("topic")),
    )


def clean(text) -> str:
    return (text or "").strip()


def in_order(question: Question, quiz: Quiz, seed: str) -> list[Answer]:
    """The answers as they are shown: as written, or shuffled the same way for the same seed."""
    answers = list(question.answers)
    if quiz.shuffle_choices:
        Random(f"{seed}-{question.key}").shuffle(answers)
    return answers


# -- What keeps a quiz from being offered -------------------------------------------------------


def problems(quiz: Quiz) -> list[str]:
    """Why the quiz cannot be offered, each naming the question. [] when fine."""
    found = []
    if not quiz.questions:
        found.append(_("Write at least one question."))
    if not 1 <= quiz.pass_mark <= 100:
        found.append(_("The pass mark must be between 1 and 100 per cent."))
    seen = set()
    for place, question in enumerate(quiz.questions, start=1):
        if question.key in seen:
            found.append(_("Question key “%(key)s” is there twice.") % {"key": question.key})
        seen.add(question.key)
        found += [message % {"place": place} for message in faults(question)]
        found += answer_faults(question, place)
    return list(dict.fromkeys(found))


def faults(question: Question) -> list[str]:
    found = []
    if not ID.fullmatch(question.key):
        found.append(_("Question %(place)s: give it a key of Latin letters, digits, - or _."))
    if not question.text:
        found.append(_("Question %(place)s has no text."))
    if len(question.answers) < 2:
        found.append(_("Question %(place)s needs at least two answers."))
    if len(question.answers) > 8:
        found.append(_("Question %(place)s has more than eight answers."))
    if question.kind == "single" and len(question.right) != 1:
        found.append(_("Question %(place)s: mark exactly one answer as correct."))
    if question.kind != "single" and not question.right:
        found.append(_("Question %(place)s: mark at least one answer as correct."))
    if not question.explanation:
        found.append(_("Question %(place)s has no explanation."))
    return found


def answer_faults(question: Question, place: int) -> list[str]:
    found, keys, texts = [], set(), set()
    for number, answer in enumerate(question.answers, start=1):
        values = {"place": place, "number": number, "key": answer.key}
        if not ID.fullmatch(answer.key):
            found.append(
                _(
                    "Question %(place)s, answer %(number)s: give it a key of Latin letters, "
                    "digits, - or _."
                )
                % values
            )
        elif answer.key in keys:
            found.append(_("Question %(place)s: answer “%(key)s” is there twice.") % values)
        if not answer.text:
            found.append(_("Question %(place)s, answer %(number)s has no text.") % values)
        elif answer.text in texts:
            found.append(_("Question %(place)s: two answers say the same.") % values)
        keys.add(answer.key)
        texts.add(answer.text)
    return found
