from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from activities.core.signals import shared_texts_changed

from .models import Post


@receiver([post_save, post_delete], sender=Post)
def post_has_changed(sender, instance, **kwargs):
    if instance.participation_id is not None:
        shared_texts_changed.send(sender=Post, participation=instance.participation)
