from celery import shared_task


@shared_task
def tell_announcements() -> int:
    """Tell people of announcements whose time has come."""
    from .announcements import tell_due

    return tell_due()
