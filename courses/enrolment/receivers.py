from django.dispatch import receiver

from activities.core.signals import participation_changed
from courses.releases.signals import course_settled

from .enrol import ensure_rolling_run
from .progress import note_progress


@receiver(participation_changed)
def participation_has_changed(sender, participation, **kwargs):
    note_progress(participation)


@receiver(course_settled)
def course_has_settled(sender, state, **kwargs):
    """A course on offer that people take when they like has one run that never ends."""
    if state.current_id is not None:
        ensure_rolling_run(state.course)
