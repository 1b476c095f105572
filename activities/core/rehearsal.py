"""Previews that go beyond the first screen: the real thing, played through and then undone.

A rehearsal makes a version of the page, stand-in learners and whatever they would have done, asks
the kind for its screen and rolls everything back. So an author sees exactly what learners will see,
by the same code, and nothing stays: no row, no task, no message.
"""

import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction

from .contract import Visit
from .models import ItemVersion, Participation
from .snapshots import digest, snapshot


@dataclass
class Rehearsal(Visit):
    """A stand-in's visit to a page that need not be offered, nor even saved.

    Links lead to other steps of the same preview: `?mode=after.stream`.
    """

    page: Any = None
    mode: str = ""

    def url(self, step: str = "") -> str:
        return f"?mode={self.mode}.{step}" if step else f"?mode={self.mode}"

    def beside(self, name: str = "") -> "Rehearsal":
        """The visit of another learner to the same item of the same run."""
        participation = participation_of(self.version, self.participation.cohort, name)
        return Rehearsal(
            participation=participation,
            version=self.version,
            user=participation.user,
            language=self.language,
            base_url="?",
            page=self.page,
            mode=self.mode,
        )


@contextmanager
def undone():
    """Whatever is written inside is rolled back, and what waits for a commit never runs."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def rehearse(page, mode: str) -> Rehearsal:
    """A learner who has not begun. Only inside `undone()`."""
    kind, language = page.kind, page.locale.language_code
    minutes = kind.minutes(page)
    texts = {language: snapshot(page)}
    version = ItemVersion.objects.create(
        item=page.translation_key,
        kind=kind.name,
        category=kind.category,
        declared=page.minutes,
        required=page.required,
        lecture=minutes.lecture,
        active=minutes.active,
        neutral=minutes.neutral,
        source_language=language,
        texts=texts,
        # Not the digest of a release: that version may be there already.
        digest=digest({"rehearsal": texts}),
    )
    participation = participation_of(version, uuid.uuid4())
    return Rehearsal(
        participation=participation,
        version=version,
        user=participation.user,
        language=language,
        base_url="?",
        page=page,
        mode=mode,
    )


def participation_of(version, cohort, name: str = "") -> Participation:
    seat = uuid.uuid4()
    user = get_user_model().objects.create(email=f"{seat}@rehearsal.invalid", first_name=name)
    return Participation.objects.create(
        user=user, seat=seat, cohort=cohort, item=version.item, version=version
    )


WORDS = {
    "th": "ข้อความนี้ระบบเขียนแทนผู้เรียนเพื่อให้ท่านเห็นหน้าจอขณะที่มีคำตอบแล้ว ผู้เรียนจริงจะเขียนจากงานของตนเองด้วยถ้อยคำของตนเอง ",
    "en": "This text stands in for a learner's, so that you can see the screen with an answer in it. "
    "Real learners write from their own work, in their own words. ",
}


def stand_in_text(language: str, chars: int) -> str:
    """A text that says what it is, with at least so many characters that count."""
    from .substance import length

    sentence = WORDS.get(language, WORDS["en"])
    return (sentence * (1 + max(1, chars) // length(sentence))).strip()
