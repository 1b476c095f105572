"""Putting passages where they can be found: the table, the words everybody may read, the engines.

A group is replaced as a whole in one transaction, so a search sees it as it was or as it is.
"""

import logging
from collections import Counter
from collections.abc import Iterator

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
# What an engine knows of a passage.
INDEXED = ("title", "trail", "body", "language", "course", "scope", "audience", "labels")


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
        before = list(PassageRow.objects.filter(source=source_name, group=group))
        words = Counter()
        for row in before:
            words.subtract(public_words(row.scope, row.title, row.body))
        new = [row_of(source_name, group, passage) for passage in passages]
        kept = keep_numbers(before, new)
        gone = [row.pk for row in before if row.pk not in kept]
        PassageRow.objects.filter(pk__in=gone).delete()
        rows = save_rows(new)
        for row in rows:
            words.update(public_words(row.scope, row.title, row.body))
        change_words(words)
        entries = [entry_of(row) for row in rows]
        engines.database().delete(gone)
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
        transaction.on_commit(lambda: tell_elastic(gone, entries))
    return len(rows)


def row_of(source_name: str, group: str, passage: Passage) -> PassageRow:
    return PassageRow(
        source=source_name,
        group=group,
        trail=list(passage.trail),
        labels={name: list(values) for name, values in passage.labels.items() if values},
        **{name: getattr(passage, name) for name in COPIED},
    )


def keep_numbers(before: list[PassageRow], new: list[PassageRow]) -> set[int]:
    """Give passages that say what they said the number they had; returns those numbers.

    An engine that has not heard yet that its group was indexed again goes on finding them. A changed
    passage gets a new number: what an engine still holds of the old one leads nowhere, and
    `checking` sees by the numbers alone what an engine has missed.
    """
    known = {row.key: row for row in before}
    kept = set()
    for row in new:
        old = known.get(row.key)
        if old and all(getattr(old, name) == getattr(row, name) for name in INDEXED):
            row.pk = old.pk
            kept.add(old.pk)
    return kept


def save_rows(rows: list[PassageRow]) -> list[PassageRow]:
    fresh = [row for row in rows if row.pk is None]
    there = [row for row in rows if row.pk is not None]
    PassageRow.objects.bulk_create(fresh)
    if there:
        PassageRow.objects.bulk_update(there, ["unit", "kind", "minutes", "url", "updated"], 100)
    Label.objects.filter(passage__in=rows).delete()
    Label.objects.bulk_create(
        Label(passage=row, name=name, value=value)
        for row in rows
        for name, values in row.labels.items()
        for value in dict.fromkeys(values)
    )
    return rows


def entry_of(row: PassageRow) -> Entry:
    """The terms of a passage. The trail counts with the body: it says what the passage is about."""
    title_words, title_text = analysis.analysed(row.title)
    body_words, body_text = analysis.analysed("\n".join([*row.trail, row.body]))
    return Entry(
        number=row.pk,
        title_words=title_words,
        body_words=body_words,
        title_text=title_text,
        body_text=body_text,
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
