"""What the two engines that live in the database share: the filter, and how many terms to take."""

from collections.abc import Iterable

from search.contract import Narrowing, Viewer


def allowed(viewer: Viewer, narrowing: Narrowing) -> tuple[str, list]:
    """SQL about the passages' table `p`, and its parameters: what may be found and is wanted."""
    scopes, tokens = sorted(viewer.scopes), sorted(viewer.tokens)
    either, values = [], []
    for column, allowed_values in (("scope", scopes), ("audience", tokens)):
        if allowed_values:
            either.append(f"p.{column} IN ({marks(allowed_values)})")
            values += allowed_values
    conditions = [f"({' OR '.join(either)})" if either else "1 = 0"]
    if narrowing.course:
        conditions.append("p.course = %s")
        values.append(narrowing.course)
    for name, wanted in sorted(narrowing.labels.items()):
        conditions.append(
            "p.id IN (SELECT l.passage_id FROM search_label l WHERE l.name = %s "
            f"AND l.value IN ({marks(wanted)}))"
        )
        values += [name, *wanted]
    return " AND ".join(conditions), values


def marks(values: Iterable) -> str:
    return ", ".join("%s" for _ in values)


def rarest(counts: dict, budget: int) -> list:
    """The terms that say most, rarest first, until the passages that hold them reach the budget.

    `counts` are {term: passages}; terms that no passage holds are left out. The rarest term is
    always there, however common.
    """
    taken, total = [], 0
    for term, count in sorted(counts.items(), key=lambda pair: pair[1]):
        if not count:
            continue
        if taken and total + count > budget:
            break
        taken.append(term)
        total += count
    return taken
