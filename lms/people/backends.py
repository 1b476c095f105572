"""Signing in, and finding the person again at every request."""

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from django.contrib.auth import get_user_model
from django.db.models import Exists, F, OuterRef

from courses.enrolment.rules import ROLES

from .models import Membership


class AuthenticationBackend(AllauthBackend):
    """allauth's, except that the person's roles come in the same query as the person: the menu of
    every page asks for them."""

    def get_user(self, user_id):
        administers = Membership.objects.current().filter(
            user=OuterRef("pk"), role=Membership.Role.ADMINISTRATOR
        )
        # A row for each group that the person is in, or one without a group.
        rows = list(
            get_user_model()
            .objects.filter(pk=user_id)
            .annotate(in_group=F("groups__name"), administers=Exists(administers))
        )
        if not rows or not self.user_can_authenticate(rows[0]):
            return None
        user = rows[0]
        user._group_names = frozenset(row.in_group for row in rows).intersection(ROLES)
        user._administers = user.administers
        return user
