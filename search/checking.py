"""Whether what can be found is what is on offer: compared, repaired, built anew."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Count

from . import analysis, documents, engines, sources, store
from .contract import PUBLIC, EngineDown
from .models import IndexedGroup, PassageRow, Pending, Word


@dataclass
class Report:
    """What a check found. `faults` are sentences for an operator; `repaired` counts groups and
    entries that were put right."""

    groups: int = 0
    passages: int = 0
    faults: list[str] = field(default_factory=list)
    repaired: int = 0


def check(*, repair: bool, tell: Callable[[str], None] = lambda line: None) -> Report:
    """Compare sources, passages and engines. A fault of one group keeps no other from its check."""
    report = Report()
    # First, since what a document says is found with the lessons that offer it.
    check_documents(report, repair=repair, tell=tell)
    wanted = {
        (source.name, group): stamp
        for source in sources.every()
        for group, stamp in source.groups()
    }
    known = {(row.source, row.group): row for row in IndexedGroup.objects.all()}
    counts = {
        (row["source"], row["group"]): row["n"]
        for row in PassageRow.objects.order_by().values("source", "group").annotate(n=Count("pk"))
    }
    report.groups = len(wanted)
    for pair in sorted({*wanted, *known, *counts}):
        fault = fault_of(wanted.get(pair), known.get(pair), counts.get(pair, 0))
        if not fault:
            continue
        name = ":".join(pair)
        report.faults.append(f"{name}: {fault}")
        tell(report.faults[-1])
        if repair:
            IndexedGroup.objects.filter(source=pair[0], group=pair[1]).update(stamp="")
            try:
                store.index_group(*pair)
                report.repaired += 1
            except Exception as error:  # named, and the next group goes on
                tell(f"{name}: cannot be repaired: {error!r}")
    report.passages = PassageRow.objects.count()
    for engine in engines.every():
        check_engine(engine, report, repair=repair, tell=tell)
    if repair and report.repaired:
        engines.database().refresh()
    return report


def check_documents(report: Report, *, repair: bool, tell) -> None:
    """Read the files to download whose task was lost, because the queue was away or a worker was killed."""
    for document in documents.unread():
        report.faults.append(f"document {document.pk}: was never read")
        tell(report.faults[-1])
        if repair:
            try:
                documents.read_document(document.pk)
                report.repaired += 1
            except Exception as error:  # named, and the next one goes on
                tell(f"document {document.pk}: cannot be read: {error!r}")


def fault_of(stamp: str | None, row: IndexedGroup | None, count: int) -> str:
    if stamp is None:
        return "is not on offer, but can still be found"
    if row is None:
        return "was never indexed"
    if row.stamp != stamp:
        return "is out of date"
    if row.analyser != analysis.VERSION:
        return "was indexed by another version of the analyser"
    if row.passages != count:
        return f"has {count} passages instead of {row.passages}"
    return ""


def check_engine(engine, report: Report, *, repair: bool, tell) -> None:
    """Compare an engine's entries with the passages."""
    try:
        there = engine.numbers()
        rows = set(PassageRow.objects.values_list("pk", flat=True))
        extra, missing = there - rows, rows - there
        for text, numbers in (("entries too many", extra), ("entries missing", missing)):
            if numbers:
                report.faults.append(f"{engine.name}: {len(numbers)} {text}")
                tell(report.faults[-1])
        old = not is_current(engine)
        if old:
            report.faults.append(f"{engine.name}: was filled by another version of the analyser")
            tell(report.faults[-1])
        if repair and (extra or missing or old):
            repair_engine(engine, extra, missing)
            report.repaired += len(rows) if old else len(extra) + len(missing)
    except EngineDown as error:
        report.faults.append(f"{engine.name}: does not answer ({error})")
        tell(report.faults[-1])


def is_current(engine) -> bool:
    """Whether an engine's entries are of the analyser's version. The database's are if their groups are;
    Elasticsearch may have missed that these were indexed again, since their numbers stayed."""
    return engine.name != store.ELASTIC or engine.is_current()


def repair_engine(engine, extra: set[int], missing: set[int]) -> None:
    """Take what is too much and add what is missing. Raises `EngineDown`.

    An Elasticsearch that is empty or of another version of the analyser is filled behind its alias, so
    that searches go on until it is whole.
    """
    if engine.name == store.ELASTIC and not (engine.is_filled() and engine.is_current()):
        fill_elastic(engine)
        return
    put_right(engine, extra, missing)


def put_right(engine, extra: set[int], missing: set[int]) -> None:
    engine.delete(sorted(extra))
    numbers = sorted(missing)
    for at in range(0, len(numbers), 200):
        some = PassageRow.objects.filter(pk__in=numbers[at : at + 200])
        engine.index([store.entry_of(row) for row in some])
    engine.refresh()


def fill_elastic(engine, tell: Callable[[int], None] = lambda done: None) -> None:
    """Fill a new index of Elasticsearch behind its alias, with what changed meanwhile. Raises `EngineDown`."""
    engine.rebuild(store.all_entries(), tell, later=lambda last: store.all_entries(after=last))
    # The old index took what changed while the alias was moved, and what was deleted before.
    there = engine.numbers()
    rows = set(PassageRow.objects.values_list("pk", flat=True))
    if there != rows:
        put_right(engine, there - rows, rows - there)


def repair_elastic() -> None:
    """Let Elasticsearch catch up with what it missed. Raises `EngineDown`."""
    engine = engines.elasticsearch()
    if engine is not None:
        there = engine.numbers()
        rows = set(PassageRow.objects.values_list("pk", flat=True))
        if there != rows or not engine.is_current():
            repair_engine(engine, there - rows, rows - there)


def rebuild(tell: Callable[[str], None] = lambda line: None) -> int:
    """Index everything anew, group by group; returns how many passages can be found.

    Every group is replaced in a transaction of its own, so a search during the rebuild finds each
    course as it was or as it is.
    """
    wanted = [(source.name, group) for source in sources.every() for group, _s in source.groups()]
    last = Pending.objects.order_by("-pk").values_list("pk", flat=True).first()
    for n, (source, group) in enumerate(wanted, start=1):
        IndexedGroup.objects.filter(source=source, group=group).update(stamp="")
        count = store.index_group(source, group)
        tell(f"{n}/{len(wanted)} {source}:{group}: {count} passages")
    gone = set(IndexedGroup.objects.values_list("source", "group")) - set(wanted)
    for source, group in sorted(gone):
        store.index_group(source, group)
        tell(f"{source}:{group}: no longer on offer")
    Pending.objects.filter(pk__lte=last or 0).delete()
    recount_words()
    engines.database().refresh()
    return PassageRow.objects.count()


def recount_words() -> None:
    """Count the public words anew, whatever was added and taken since."""
    with transaction.atomic():
        counts: Counter = Counter()
        for row in PassageRow.objects.filter(scope=PUBLIC).iterator(chunk_size=500):
            counts.update(store.public_words(row.scope, row.title, row.body))
        Word.objects.all().delete()
        Word.objects.bulk_create(
            (Word(text=text, passages=n) for text, n in counts.items()), batch_size=1000
        )
