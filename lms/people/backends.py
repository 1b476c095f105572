"""Signing in, and finding the person again at every request."""

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef

from courses.enrolment.rules import ROLES

from .models import Membership


class AuthenticationBackend(AllauthBackend):
    """allauth's, except that the person's roles come in the same query as the person: the menu of
    every page asks for them."""

    def get_user(self, user_id):
        held = {
            f"role_{n}": Exists(Group.objects.filter(user=OuterRef("pk"), name=name))
            for n, name in enumerate(ROLES)
        }
        held["role_of_agency"] = Exists(
            Membership.objects.current().filter(
                user=OuterRef("pk"), role=Membership.Role.ADMINISTRATOR
            )
        )
        user = get_user_model().objects.annotate(**held).filter(pk=user_id).first()
        if user is None or not self.user_can_authenticate(user):
            return None
        user._group_names = frozenset(
            name for n, name in enumerate(ROLES) if getattr(user, f"role_{n}")
        )
        user._administers = user.role_of_agency
        return user
