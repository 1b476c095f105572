"""What people's accounts keep up to date."""

from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver

from activities.core.notices import unread
from activities.core.signals import notified
from courses.enrolment.standing import standing_changed

from . import sessions, sums
from .models import Agency, Membership, User


@receiver(notified)
def count_unread(sender, users, **kwargs):
    for pk, count in unread(list(users)).items():
        User.objects.filter(pk=pk).update(unread_notices=count)


@receiver(user_logged_in)
def note_when(sender, request, user, **kwargs):
    if hasattr(request, "session"):
        sessions.begin(request, user)


# -- what agencies' reports count: whoever changes is counted again -------------------------------


@receiver(standing_changed)
def learning_has_changed(sender, users, **kwargs):
    sums.note(users)


@receiver(pre_save, sender=Membership)
def membership_changes_hands(sender, instance, **kwargs):
    """Who had it before counts no more."""
    if instance.pk:
        sums.note(
            Membership.objects.filter(pk=instance.pk)
            .exclude(user=instance.user_id)
            .values_list("user_id", flat=True)
        )


@receiver([post_save, post_delete], sender=Membership)
def membership_has_changed(sender, instance, **kwargs):
    sums.note([instance.user_id])


@receiver(pre_save, sender=Agency)
def agency_ends_or_begins_again(sender, instance, update_fields=None, **kwargs):
    if instance.pk and (update_fields is None or "is_active" in update_fields):
        before = Agency.objects.filter(pk=instance.pk).values_list("is_active", flat=True).first()
        if before is not None and before != instance.is_active:
            sums.note_agencies([instance.pk])


@receiver(post_save, sender=User)
def account_was_erased(sender, instance, update_fields=None, **kwargs):
    if instance.erased_at and (update_fields is None or "erased_at" in update_fields):
        sums.note([instance.pk])
