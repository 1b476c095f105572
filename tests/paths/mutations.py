"""What holds the rule, one mechanism at a time: each is taken away while the paths run, and something
must notice. `docs/rule.md` has the same table, compared by a test.

The database's CHECK stands behind all of them: without the gate a course is still not offered, but
settlement fails instead of saying why.
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

from django.db import connection
from django.db.models.signals import post_save, pre_delete
from wagtail.hooks import _hooks

from activities.core import contract
from activities.role_play.kind import RolePlaySoloKind
from courses.releases import cut, mix, receivers, settle
from courses.releases.models import CourseRelease


@dataclass(frozen=True)
class Mutation:
    """`remove()` is a context manager without the mechanism; `notices` are paths that then fail."""

    name: str
    remove: Callable
    notices: tuple[str, ...]


@contextmanager
def without_receiver(signal, receiver):
    signal.disconnect(receiver)
    try:
        yield
    finally:
        signal.connect(receiver)


@contextmanager
def without_hook(name: str, function: str):
    before = _hooks[name]
    _hooks[name] = [entry for entry in before if entry[0].__name__ != function]
    assert len(_hooks[name]) == len(before) - 1, function
    try:
        yield
    finally:
        _hooks[name] = before


TOOK_BACK = settle.took_back
CHECK = "active_share_at_least_40_percent"


@contextmanager
def without_the_check():
    """Without the constraint of the table, and with a gate that lets everything pass: the constraint
    is there for the day when the gate is wrong. The test's transaction brings it back."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            # Rows of this transaction wait for their foreign keys to be checked: the table is locked.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            table = connection.ops.quote_name(CourseRelease._meta.db_table)
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {CHECK}")
    try:
        with patch.object(mix.Mix, "passes", property(lambda self: True)):
            yield
    finally:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA ignore_check_constraints = OFF")


def took_back_when_missing(state, result: cut.Candidate) -> bool:
    result.missing.clear()
    return TOOK_BACK(state, result)


def everything_counts(self, page):
    return contract.Minutes(active=page.minutes)


MUTATIONS = [
    Mutation(
        "Changes of pages are noticed",
        lambda: without_receiver(post_save, receivers.page_saved),
        ("unpublish_by_program",),
    ),
    Mutation(
        "Deletions of pages are noticed",
        lambda: without_receiver(pre_delete, receivers.page_about_to_be_deleted),
        ("delete_by_queryset",),
    ),
    Mutation(
        "What was taken back is withdrawn",
        lambda: patch.object(settle, "took_back", lambda state, result: False),
        ("unpublish_by_program", "expire_as_scheduled"),
    ),
    Mutation(
        "The nightly sweep settles every course",
        lambda: patch.object(settle, "courses_known", list),
        ("raw_sql_takes_the_activity_off",),
    ),
    Mutation(
        "The gate decides by whole minutes",
        lambda: patch.object(mix.Mix, "passes", property(lambda self: True)),
        ("publish_a_revision", "update_by_queryset"),
    ),
    Mutation(
        "Minutes are credited up to what is required",
        lambda: patch.multiple(
            RolePlaySoloKind, minutes=everything_counts, ceiling=lambda self, page: None
        ),
        ("declare_more_than_is_required",),
    ),
    Mutation(
        "Optional activities do not count",
        lambda: patch.object(RolePlaySoloKind, "minutes", everything_counts),
        ("make_the_activity_optional",),
    ),
    Mutation(
        "What asks nothing of learners counts nothing",
        lambda: patch.multiple(
            RolePlaySoloKind,
            ceiling=lambda self, page: None,
            problems=lambda self, page: [],
        ),
        ("ask_less_of_learners",),
    ),
    Mutation(
        "What learners took limits what counts",
        lambda: patch.object(mix.Mix, "limited", lambda self, cap: self),
        ("learners_take_far_less_than_declared",),
    ),
    Mutation(
        "The same task counts once",
        lambda: patch.object(RolePlaySoloKind, "fingerprint", lambda self, page: ""),
        ("the_same_activity_twice",),
    ),
    Mutation(
        "A kind that is uninstalled is not taken for taken back",
        lambda: patch.object(settle, "took_back", took_back_when_missing),
        ("the_kind_is_uninstalled",),
    ),
    Mutation(
        "The editor refuses to unpublish what is needed",
        lambda: without_hook("before_unpublish_page", "refuse_to_unpublish"),
        ("unpublish",),
    ),
    Mutation(
        "The editor refuses to delete what is needed",
        lambda: without_hook("before_delete_page", "refuse_to_delete"),
        ("delete",),
    ),
    Mutation(
        "The editor refuses to move what is needed",
        lambda: without_hook("before_move_page", "refuse_to_move"),
        ("move_elsewhere",),
    ),
    Mutation(
        "Bulk actions leave out what is needed",
        lambda: without_hook("before_bulk_action", "leave_out_what_would_break_a_course"),
        ("unpublish_in_bulk", "delete_in_bulk", "move_in_bulk"),
    ),
    Mutation(
        "The API refuses what people are refused",
        lambda: patch("courses.releases.api_actions.refuse", lambda texts: None),
        ("api_publish", "api_unpublish", "api_delete", "api_move", "api_patch_and_publish"),
    ),
    Mutation(
        "The database refuses a release below 40 per cent",
        without_the_check,
        ("publish_a_revision",),
    ),
]
