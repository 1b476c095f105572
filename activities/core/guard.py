"""The one boundary between the site and kinds of other packages.

`registry.get()` hands out such a kind behind a `GuardedKind`. Whatever it raises, and whatever it
answers that the contract forbids, is noted (`health`) and arrives as `registry.KindFailed`, so who
calls a kind treats a broken one like one that is not installed. What it wrote to the database in
the failed call is undone. A refusal (`Refused`) is an answer and goes through.

The site's own kinds are not guarded: their mistakes are ours, and tests must see them.
"""

import functools
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import render as django_render

from .errors import Refused
from .health import failed
from .registry import KindFailed, is_own

# Where a refusal is an answer. Elsewhere it would be taken for a bug of the caller's.
MAY_REFUSE = frozenset(
    "screen receive handle desk_screen desk_handle rehearse preview visible_events desk_events advance".split()
)


class Dishonest(ValueError):
    """An answer of a kind that the contract forbids."""


def bare(kind):
    """The kind itself, without its guard."""
    return kind.bare if isinstance(kind, GuardedKind) else kind


def implements(kind, name: str) -> bool:
    """Whether a kind has written a duty of its own, or leaves it to the contract's default."""
    from .contract import ActivityKind

    return getattr(type(bare(kind)), name) is not getattr(ActivityKind, name)


@contextmanager
def boundary(kind, call: str, passes: tuple = ()):
    """Whatever is raised inside by a kind of another package becomes `KindFailed`; `passes` are
    exceptions that are answers."""
    kind = bare(kind)
    if is_own(kind):
        yield
        return
    if call in MAY_REFUSE:
        passes = (*passes, Refused, Http404, PermissionDenied)
    connection = transaction.get_connection()
    try:
        if connection.in_atomic_block and not connection.needs_rollback:
            with transaction.atomic():  # a failed query must not spoil the caller's transaction
                yield
        else:
            yield
    except passes:
        raise
    except KindFailed:
        raise  # noted already, further in
    except (Exception, SystemExit) as error:
        failed(kind.name, call, error)
        raise KindFailed(kind.name) from error


def render(kind, request, template: str, context: dict, status: int | None = None):
    """A screen of a kind as a response; a template that is missing or broken is the kind's fault."""
    with boundary(kind, "render"):
        return django_render(request, template, context, status=status)


class GuardedKind:
    """A kind of another package, with every call checked."""

    def __init__(self, kind):
        self.bare = kind

    def __getattr__(self, name: str):
        if name.startswith("__") or not hasattr(type(self.bare), name):
            if name in vars(self.bare):
                return vars(self.bare)[name]
            raise AttributeError(name)
        with boundary(self.bare, name):
            value = getattr(self.bare, name)
        return guarded(self.bare, name, value) if callable(value) and is_duty(name) else value

    def __repr__(self):
        return f"<guarded {self.bare!r}>"


def is_duty(name: str) -> bool:
    """Whether a name is a call of the contract."""
    from .contract import ActivityKind

    return callable(getattr(ActivityKind, name, None))


def guarded(kind, name: str, function):
    @functools.wraps(function)
    def call(*args, **kwargs):
        with boundary(kind, name):
            answer = function(*args, **kwargs)
            check = ANSWERS.get(name)
            return check(kind, answer, *args) if check else answer

    return call


# -- what may be answered --------------------------------------------------------------------------


def of_type(*types):
    def check(kind, answer, *args):
        if not isinstance(answer, types):
            raise Dishonest(f"answered with {type(answer).__name__}")
        return answer

    return check


def number_or_none(kind, answer, *args):
    if answer is not None and (isinstance(answer, bool) or not isinstance(answer, int)):
        raise Dishonest(f"answered with {answer!r} instead of whole minutes")
    return None if answer is None else max(0, answer)


def texts(kind, answer, *args):
    """Sentences, made while the language is right."""
    return [str(text) for text in answer]


def a_list(kind, answer, *args):
    return list(answer)


def list_of(name: str):
    """A list of one class of the contract."""

    def check(kind, answer, *args):
        from . import contract

        answer = list(answer)
        wrong = [part for part in answer if not isinstance(part, getattr(contract, name))]
        if wrong:
            raise Dishonest(f"answered with {type(wrong[0]).__name__} instead of {name}")
        return answer

    return check


def a_next_step(kind, answer, *args):
    from .contract import NextStep

    if answer is not None and not isinstance(answer, NextStep):
        raise Dishonest(f"answered with {type(answer).__name__} instead of a next step")
    return answer


def a_text(kind, answer, *args):
    return str(answer)


def honest_minutes(kind, answer, page):
    """Minutes as the contract allows them: doing only where it is required and accounted for, and
    never more in all than is declared. Less doing than that may be credited, never less listening."""
    from .contract import ActivityKind, Minutes

    most = ActivityKind.minutes(kind, page)
    if any(isinstance(n, bool) or not isinstance(n, int) or n < 0 for n in answer):
        raise Dishonest(f"counts {answer!r}")
    minutes = Minutes(*answer)
    if minutes.active > most.active or minutes.lecture < most.lecture:
        raise Dishonest(f"counts {minutes}, at most {most} is accounted for")
    if sum(minutes) > page.minutes:
        raise Dishonest(f"counts {minutes} of {page.minutes} declared")
    return minutes


def a_ceiling(kind, answer, page):
    """Who counts as doing must account for it: no ceiling is a ceiling of nothing."""
    from .enums import Category

    answer = number_or_none(kind, answer)
    return 0 if answer is None and kind.category == Category.ACTIVE else answer


def a_screen(kind, answer, *args):
    from .contract import Screen

    is_screen = isinstance(answer, Screen) and isinstance(answer.context, dict)
    if not is_screen and not callable(getattr(answer, "response", None)):  # or a file
        raise Dishonest(f"answered with {type(answer).__name__} instead of a screen")
    return answer


def an_outcome(kind, answer, *args):
    from .contract import Outcome

    if not isinstance(answer, Outcome):
        raise Dishonest(f"answered with {type(answer).__name__} instead of an outcome")
    return answer


def a_score(kind, answer, *args):
    from .record import rounded

    score = rounded(answer)
    if score is not None and not 0 <= score <= 100:
        raise Dishonest(f"scores {score}, not 0 to 100")
    return score


def jsonable(kind, answer, *args):
    import json

    if not isinstance(answer, dict):
        raise Dishonest(f"answered with {type(answer).__name__} instead of a mapping")
    return json.loads(json.dumps(answer))


ANSWERS = {
    "ceiling": a_ceiling,
    "ceiling_advice": a_text,
    "problems": texts,
    "floor": number_or_none,
    "remarks": texts,
    "minutes": honest_minutes,
    "fingerprint": a_text,
    "summary": a_text,
    "expectations": texts,
    "search_text": a_text,
    "search_passages": list_of("SearchPassage"),
    "shared_texts": list_of("SharedText"),
    "shared_audiences": of_type(set, frozenset),
    "templates": a_list,
    "author_tools": a_list,
    "preview_modes": a_list,
    "rehearse": a_screen,
    "screen": a_screen,
    "handle": an_outcome,
    "score": a_score,
    "is_complete": of_type(bool),
    "next_step": a_next_step,
    "waiting": list_of("Waiting"),
    "desk_screen": a_screen,
    "desk_handle": an_outcome,
    "needs": list_of("Need"),
    "handed_in": of_type(set),
    "open_to_instructor": of_type(bool),
    "report_columns": list_of("Column"),
    "report_rows": of_type(dict),
    "visible_events": list_of("LivePart"),
    "desk_events": list_of("LivePart"),
    "personal_data": jsonable,
}
