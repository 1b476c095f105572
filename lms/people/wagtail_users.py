"""Wagtail's own app for people, with our views."""

from wagtail.users.apps import WagtailUsersAppConfig


class PeopleAdminConfig(WagtailUsersAppConfig):
    user_viewset = "lms.people.admin_views.PeopleViewSet"
