from celery import shared_task

from . import similar


@shared_task
def look_for_similar(submission_id: int) -> None:
    """Compare a work that was sent with the others of its run."""
    similar.look(submission_id)
