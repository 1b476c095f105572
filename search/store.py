"""Putting passages where they can be found: the table, the words everybody may read, the engines.

A group is replaced as a whole in one transaction, so a search sees it as it was or as it is.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator

from django.db import models, transaction
from django.utils import timezone

from . import analysis, engines, sources
from .contract import PUBLIC, EngineDown, Entry, Passage
from .models import IndexedGroup, Label, PassageRow, Pending, Word
from .thai import normalise

logger = logging.getLogger("sala.search")

LONGEST_WORD = 60
# What the outbox notes when Elasticsearch missed a change.
ELASTIC = "elasticsearch"
COPIED = (
    "key", "unit", "title", "body", "kind", "language", "course", "minutes", "url", "updated",
    "scope", "audience",
)  # fmt: skip


def index_group(source_name: str, group: str) -> int:
    """Bring a group up to date with its source; returns how many passages can be found of it."""
    source = sources.get(source_name)
    stamp = source.stamp(group) if source else None
    known = IndexedGroup.objects.filter(source=source_name, group=group).first()
    if known and (known.stamp, known.analyser) == (stamp, analysis.VERSION):
        return known.passages
    passages = list(source.passages(group)) if stamp is not None else []
    return replace(source_name, group, stamp, passages)


def replace(source_name: str, group: str, stamp: str | None, passages: list[Passage]) -> int:
    """Replace what can be found of a group by these passages."""
    with transaction.atomic():
        if stamp is not None:
            # The row is also the lock: two workers with the same group come one after the other.
            IndexedGroup.objects.get_or_create(
                source=source_name, group=group, defaults={"stamp": "", "passages": 0}
            )
        locked = list(
            IndexedGroup.objects.select_for_update().filter(source=source_name, group=group)
        )
        gone = list(
            PassageRow.objects.filter(source=source_name, group=group).only(
                "pk", "title", "body", "scope"
            )
        )
        words = Counter()
        for row in gone:
            words.subtract(public_words(row.scope, row.title, row.body))
        numbers = [row.pk for row in gone]
        PassageRow.objects.filter(pk__in=numbers).delete()
        rows = save_rows(source_name, group, passages)
        for row in rows:
            words.update(public_words(row.scope, row.title, row.body))
        change_words(words)
        entries = [entry_of(row) for row in rows]
        engines.database().delete(numbers)
        engines.database().index(entries)
        if stamp is None:
            IndexedGroup.objects.filter(pk__in=[row.pk for row in locked]).delete()
        else:
            IndexedGroup.objects.filter(pk=locked[0].pk).update(
                stamp=stamp,
                passages=len(rows),
                analyser=analysis.VERSION,
                indexed_at=timezone.now(),
            )
        transaction.on_commit(lambda: tell_elastic(numbers, entries))
    return len(rows)


def save_rows(source_name: str, group: str, passages: Iterable[Passage]) -> list[PassageRow]:
    rows = PassageRow.objects.bulk_create(
        PassageRow(
            source=source_name,
            group=group,
            trail=list(passage.trail),
            labels={name: list(values) for name, values in passage.labels.items() if values},
            **{name: getattr(passage, name) for name in COPIED},
        )
        for passage in passages
    )
    Label.objects.bulk_create(
        Label(passage=row, name=name, value=value)
        for row in rows
        for name, values in row.labels.items()
        for value in dict.fromkeys(values)
    )
    return rows


def entry_of(row: PassageRow) -> Entry:
    """The terms of a passage. The trail counts with the body: it says what the passage is about."""
    title = normalise(row.title)
    body = normalise("\n".join([*row.trail, row.body]))
    return Entry(
        number=row.pk,
        title_words=tuple(analysis.words(title)),
        body_words=tuple(analysis.words(body)),
        title_text=analysis.squeezed(title),
        body_text=analysis.squeezed(body),
        scope=row.scope,
        audience=row.audience,
        course=row.course,
        labels=row.labels,
    )


def public_words(scope: str, title: str, body: str) -> set[str]:
    """The words of a passage that everybody may read; of others none, since a suggestion of how to
    spell a word would tell that it is there."""
    if scope != PUBLIC:
        return set()
    found = analysis.words(normalise(f"{title}\n{body}"))
    return {word for word in found if 1 < len(word) <= LONGEST_WORD and not word.isdigit()}


def change_words(changes: Counter) -> None:
    """Add to and take from the counts of words."""
    changes = {word: by for word, by in changes.items() if by}
    known = Word.objects.in_bulk(list(changes))
    Word.objects.bulk_create(
        (Word(text=word, passages=by) for word, by in changes.items() if word not in known),
        ignore_conflicts=True,
        batch_size=500,
    )
    for word in sorted(known):
        Word.objects.filter(pk=word).update(passages=models.F("passages") + changes[word])
    Word.objects.filter(passages__lte=0).delete()


def tell_elastic(gone: list[int], entries: list[Entry]) -> None:
    """Hand a change to Elasticsearch; when it does not take it, note that it has to catch up."""
    engine = engines.elasticsearch()
    if engine is None:
        return
    try:
        engine.delete(gone)
        engine.index(entries)
        engine.refresh()
    except EngineDown as error:
        logger.warning("Elasticsearch did not take a change (%s): it will catch up", error)
        Pending.objects.create(source=ELASTIC, group="")


def all_entries(*, after: int = 0, at_once: int = 200) -> Iterator[list[Entry]]:
    """The entries of every passage, in order of their numbers, in batches."""
    while True:
        rows = list(PassageRow.objects.filter(pk__gt=after).order_by("pk")[:at_once])
        if not rows:
            return
        yield [entry_of(row) for row in rows]
        after = rows[-1].pk
