from django.dispatch import receiver

from courses.enrolment.progress import course_completed

from .issue import issue


@receiver(course_completed)
def course_was_completed(sender, enrolment, **kwargs):
    issue(enrolment)
