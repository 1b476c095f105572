"""Two people at the same moment, on two connections."""

import threading
from decimal import Decimal

import pytest
from django.db import connection

from activities.core.errors import Refused
from courses.grades import change
from courses.grades.models import Grade, GradeOverride, GradeRules
from courses.grades.override import override
from courses.grades.scheme import Scheme

pytestmark = [
    pytest.mark.services("postgresql"),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
WHY = "เพราะตรวจพบว่าคะแนนผิด"


def at_once(*functions) -> list[str]:
    """Call these at the same moment; what became of each."""
    start, results = threading.Barrier(len(functions)), []

    def press(function):
        try:
            start.wait(10)
            function()
            results.append("done")
        except Refused as refused:
            results.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=[function]) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return sorted(results)


def test_two_grades_set_at_once_leave_one_standing(enrolment, instructor):
    set_to = [lambda v=v: override(enrolment, Decimal(v), WHY, instructor) for v in (60, 70)]
    assert at_once(*set_to) == ["done", "done"]
    assert GradeOverride.objects.count() == 2
    [standing] = GradeOverride.objects.filter(taken_back_at=None)
    assert Grade.objects.get().value == standing.value


def test_of_two_rules_saved_at_once_one_is_refused(run, enrolment, instructor):
    save = [
        lambda mark=mark: change.change_course(
            run.course, Scheme(pass_mark=Decimal(mark)), by=instructor, based_on=0
        )
        for mark in (50, 60)
    ]
    assert at_once(*save) == ["done", "stale"]
    assert GradeRules.objects.filter(course=run.course, run=None).count() == 1
