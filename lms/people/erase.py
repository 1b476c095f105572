"""Erasing an account: the person goes, the record of the training stays without a name."""

import uuid
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.core import holding, privacy
from activities.core.errors import Refused

LATE = timedelta(days=2)


@holding.once_more
@transaction.atomic
def erase(user) -> None:
    """Forget a person, in every app that knows something. Erasing twice is erasing once.

    Raises `Refused` for the last administrator: nobody could look after the site.
    """
    people = get_user_model().objects
    # All administrators, in one order: two who erase themselves at once must see one another. Nobody
    # waits for that who only names one of them, such as in what an administrator decides.
    root = []
    if people.filter(pk=user.pk, is_superuser=True).exists():
        root = list(
            people.select_for_update(no_key=True)
            .filter(is_superuser=True, is_active=True)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
    if root == [user.pk]:
        raise Refused(
            _("You are the last administrator. Make somebody else an administrator first."),
            code="last_administrator",
            status=409,
        )
    person = people.select_for_update().get(pk=user.pk)
    if person.erased_at is not None:
        return
    forget(person)
    person.first_name, person.last_name = privacy.ERASED_NAME, ""
    person.first_name_en = person.last_name_en = ""
    person.email = f"{uuid.uuid4().hex}@erased.invalid"
    person.set_unusable_password()
    person.is_active = person.is_staff = person.is_superuser = False
    person.unread_notices = 0
    person.session_epoch += 1
    person.erased_at = timezone.now()
    person.save()


def forget(person) -> None:
    for records in privacy.all_records():
        records.erase(person)


def forget_latecomers(now=None) -> int:
    """What a request that was under way wrote after an account was erased (a draft, an opinion) goes
    too: whoever was erased within two days is forgotten once more. Returns how many people."""
    since = (now or timezone.now()) - LATE
    people = get_user_model().objects
    keys = list(people.filter(erased_at__gte=since).values_list("pk", flat=True))
    for pk in keys:
        with transaction.atomic():
            forget(people.select_for_update().get(pk=pk))
    return len(keys)
