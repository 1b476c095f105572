"""Mail about a submission goes out once it stands: a refusal takes it back in the same breath.

Wagtail begins the review and writes to the reviewers before anybody can refuse; see
`wagtail_hooks.refuse_to_submit`.
"""

from functools import partial

from django.db import transaction
from wagtail.admin.signal_handlers import (
    task_submission_email_notifier,
    workflow_submission_email_notifier,
)
from wagtail.models import TaskState, WorkflowState
from wagtail.signals import task_submitted, workflow_submitted

# Wagtail's own identifiers: under each of them one receiver is connected, ours in place of its.
SUBMISSIONS = (
    (
        task_submitted,
        TaskState,
        task_submission_email_notifier,
        "group_approval_task_submitted_email_notification",
    ),
    (
        workflow_submitted,
        WorkflowState,
        workflow_submission_email_notifier,
        "workflow_state_submitted_email_notification",
    ),
)


def connect() -> None:
    for signal, sender, notifier, uid in SUBMISSIONS:
        signal.disconnect(sender=sender, dispatch_uid=uid)
        signal.connect(partial(later, notifier), sender=sender, dispatch_uid=uid, weak=False)


def later(notifier, instance=None, **kwargs) -> None:
    transaction.on_commit(partial(tell, notifier, instance, kwargs), robust=True)


def tell(notifier, instance, kwargs) -> None:
    if type(instance).objects.filter(pk=instance.pk, status="in_progress").exists():
        notifier(instance=instance, **kwargs)
