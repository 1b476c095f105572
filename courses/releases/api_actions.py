"""Wagtail's actions, as its API executes them, with the refusals that people meet as messages."""

from django.db import transaction
from wagtail.actions.create_page import CreatePageAction
from wagtail.actions.delete_page import DeletePageAction
from wagtail.actions.edit_page import EditPageAction
from wagtail.actions.move_page import MovePageAction
from wagtail.actions.publish_page_revision import PublishPageRevisionAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.models import Page

from .refusals import RuleBroken, why_not_leave, why_not_publish, why_not_remove


def refuse(texts: list[str]) -> None:
    if texts:
        raise RuleBroken(texts)


class Publish(PublishPageRevisionAction):
    def check(self, skip_permission_checks=False):
        super().check(skip_permission_checks)
        refuse(why_not_publish(self.object, draft_saved=False))


class Create(CreatePageAction):
    @transaction.atomic
    def execute(self, skip_permission_checks=False):
        made = super().execute(skip_permission_checks)
        if self.publish:
            refuse(why_not_publish(self.instance.specific, draft_saved=False))
        return made


class Edit(EditPageAction):
    @transaction.atomic
    def execute(self, skip_permission_checks=False):
        made = super().execute(skip_permission_checks)
        if self.publish:
            refuse(why_not_publish(self.instance.specific, draft_saved=False))
        return made


class Unpublish(UnpublishPageAction):
    def check(self, skip_permission_checks=False):
        super().check(skip_permission_checks)
        refuse(why_not_remove(self.object))


class Delete(DeletePageAction):
    def check(self, skip_permission_checks=False):
        super().check(skip_permission_checks)
        refuse(why_not_remove(self.page))


class Move(MovePageAction):
    def check(self, parent_after, skip_permission_checks=False):
        super().check(parent_after, skip_permission_checks)
        refuse(why_not_leave(self.page, parent_after))


def register(registry) -> None:
    for action in (Publish, Create, Edit, Unpublish, Delete, Move):
        registry.register(Page, action)
