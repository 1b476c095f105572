"""What people's accounts keep up to date."""

from django.dispatch import receiver

from activities.core.notices import unread
from activities.core.signals import notified

from .models import User


@receiver(notified)
def count_unread(sender, users, **kwargs):
    for pk, count in unread(list(users)).items():
        User.objects.filter(pk=pk).update(unread_notices=count)
