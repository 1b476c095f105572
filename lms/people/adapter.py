"""Signing in: mail in the reader's language, and wrong passwords slowed down."""

from allauth.account.adapter import DefaultAccountAdapter
from django.utils import translation

from . import limits

# Wrong passwords, whoever's: an account is not locked for good, since anybody could lock it.
FAILED_BY_ACCOUNT = ("sign-in failed/account", 5, 300)
FAILED_BY_ADDRESS = ("sign-in failed/address", 10, 60)


class AccountAdapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix, email, context):
        """Mail goes out in the language of the person it is written to."""
        user = context.get("user")
        language = getattr(user, "preferred_language", None) or translation.get_language()
        with translation.override(language):
            super().send_mail(template_prefix, email, context)

    def pre_authenticate(self, request, **credentials):
        """Count the attempt before the password is looked at, by the account that was typed and by
        where it comes from: whether there is such an account makes no difference."""
        typed = (credentials.get("email") or credentials.get("username") or "").strip().lower()
        self._counted = [
            (*FAILED_BY_ADDRESS, limits.address_of(request)),
            (*FAILED_BY_ACCOUNT, typed),
        ]
        for scope, amount, seconds, key in self._counted:
            if limits.spend(scope, key, amount, seconds):
                raise self.validation_error("too_many_login_attempts")

    def _rollback_login_failed_rl_usage(self):
        """The password was right: the attempt does not count."""
        for scope, _amount, _seconds, key in self._counted:
            limits.give_back(scope, key)
