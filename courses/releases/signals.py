"""What happened to a course's offer, in the past tense."""

from django.dispatch import Signal

# state: CourseState, after commit of the settlement.
course_settled = Signal()
