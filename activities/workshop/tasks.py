from celery import shared_task

from . import reminders, similar


@shared_task
def look_for_similar(submission_id: int) -> None:
    """Compare a work that was sent with the others of its run."""
    similar.look(submission_id)


@shared_task
def remind_reviewers() -> int:
    """Every half hour: tell those who still owe reviews that the end is near."""
    return reminders.remind()
