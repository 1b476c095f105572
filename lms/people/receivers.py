"""What people's accounts keep up to date."""

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver

from activities.core.notices import unread
from activities.core.signals import notified

from . import sessions
from .models import User


@receiver(notified)
def count_unread(sender, users, **kwargs):
    for pk, count in unread(list(users)).items():
        User.objects.filter(pk=pk).update(unread_notices=count)


@receiver(user_logged_in)
def note_when(sender, request, user, **kwargs):
    if hasattr(request, "session"):
        sessions.begin(request, user)
