"""What agencies' reports count, kept so that nobody has to count it while a page is waited for.
`sums.py` keeps it right; decision 0020 says how and why.

None of these tables refers to an account: somebody who is deleted must still be taken off the sums.
Who is erased is in none of them.
"""

import uuid

from django.db import models
from django.utils import timezone

# Instead of a course: whatever they take.
ALL_COURSES = uuid.UUID(int=0)
# Instead of a fiscal year: whenever, and also what is not completed.
ANY_YEAR = 0


class LearningSum(models.Model):
    """How many people below an agency take or have completed a course.

    `year`: of those enrolments only that were completed in that fiscal year (Buddhist era). People
    are counted once, enrolments (`lines`) each; `learning` and `completed` may both hold of one
    person, in two runs.
    """

    agency = models.ForeignKey(
        "people.Agency", on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    course = models.UUIDField()
    year = models.PositiveSmallIntegerField(default=ANY_YEAR)
    people = models.PositiveIntegerField(default=0)
    learning = models.PositiveIntegerField(default=0)
    completed = models.PositiveIntegerField(default=0)
    learning_lines = models.PositiveIntegerField(default=0)
    completed_lines = models.PositiveIntegerField(default=0)

    MEASURES = ("people", "learning", "completed", "learning_lines", "completed_lines")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "year", "course"], name="one_sum_per_agency_year_and_course"
            ),
            models.CheckConstraint(
                condition=models.Q(people__gte=models.F("completed"))
                & models.Q(people__gte=models.F("learning")),
                name="those_who_completed_are_among_the_people",
            ),
        ]

    def __str__(self):
        return f"{self.agency_id} {self.course} {self.year}: {self.people}"


class CountedPerson(models.Model):
    """What somebody adds to the sums at this moment: to take it off again when it changes.

    `agencies`: keys of rows, the own agencies and those above. `courses`: {course: {year: [enrolments
    under way, completed]}}. `changes_on`: the next day on which a membership begins or has ended.
    """

    person = models.BigIntegerField(primary_key=True)
    agencies = models.JSONField(default=list)
    courses = models.JSONField(default=dict)
    several = models.BooleanField(default=False)  # in more than one agency
    changes_on = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["changes_on"],
                condition=models.Q(changes_on__isnull=False),
                name="people_who_change_by_date",
            ),
            models.Index(
                fields=["person"],
                condition=models.Q(several=True),
                name="people_in_several_agencies",
            ),
        ]

    def __str__(self):
        return str(self.person)


class ToCount(models.Model):
    """Somebody whose learning or place has changed and who is to be counted again, or an agency all
    of whose people are. A row for each time: changes never wait for one another."""

    person = models.BigIntegerField(null=True)
    agency = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(person__isnull=False) ^ models.Q(agency__isnull=False),
                name="to_count_is_a_person_or_an_agency",
            )
        ]
        indexes = [
            models.Index(
                fields=["agency"],
                condition=models.Q(agency__isnull=False),
                name="agencies_to_count",
            )
        ]

    def __str__(self):
        return f"{self.person or self.agency} {self.at:%H:%M}"


class CountState(models.Model):
    """One row: whoever changes the sums holds it. `version` grows with each change of the sums.

    `filled_at`: since when the sums stand for everybody; until then pages count themselves.
    `checked_at`: when all was counted again last, and how many people (or sums) were found wrong.
    """

    version = models.PositiveBigIntegerField(default=0)
    filled_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    repaired = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="there_is_one_state_of_the_sums")
        ]

    def __str__(self):
        return f"{self.version}"
