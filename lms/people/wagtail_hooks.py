"""People, agencies and memberships in the authoring site's settings."""

from wagtail import hooks

from .admin_views import AgencyViewSet, MembershipViewSet, refuse_bulk


@hooks.register("register_admin_viewset")
def agencies():
    return AgencyViewSet()


@hooks.register("register_admin_viewset")
def memberships():
    return MembershipViewSet()


hooks.register("before_bulk_action", refuse_bulk)
