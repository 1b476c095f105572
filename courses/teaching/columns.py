"""Columns that rooms of the desk add to the list of participants and to its files."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from courses.enrolment.models import CourseRun, Enrolment


@dataclass(frozen=True)
class Extra:
    """`values(run, people)` gives {enrolment.pk: value} for some people at once, a number or "", by a
    fixed number of queries."""

    label: Any
    values: Callable[[CourseRun, list[Enrolment]], dict]


_columns: list[Extra] = []


def register(column: Extra) -> None:
    _columns.append(column)


def all() -> list[Extra]:
    return list(_columns)


def values(run: CourseRun, people: list[Enrolment]) -> dict[int, list]:
    """{enrolment.pk: [value of each column]}"""
    found = [column.values(run, people) for column in _columns]
    return {row.pk: [column.get(row.pk, "") for column in found] for row in people}
