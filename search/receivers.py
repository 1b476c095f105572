from django.core.cache import cache
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.documents.models import Document

from . import question
from .find import PROMOTED
from .models import PromotedResult, SynonymSet


@receiver(post_save, sender=Document)
def document_saved(sender, instance, **kwargs):
    from . import tasks

    transaction.on_commit(lambda: tasks.read_document.delay(instance.pk))


@receiver([post_save, post_delete], sender=SynonymSet)
def synonyms_changed(sender, **kwargs):
    question.forget_synonyms()


@receiver([post_save, post_delete], sender=PromotedResult)
def promoted_changed(sender, **kwargs):
    cache.delete(PROMOTED)
