from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from . import views


class KindsMenuItem(MenuItem):
    def is_shown(self, request):
        return views.may_see(request.user)


@hooks.register("register_admin_urls")
def urls():
    return [
        path("reports/kinds/", views.kinds, name="authoring_kinds"),
        path("reports/kinds/<str:name>/", views.kind, name="authoring_kind"),
    ]


@hooks.register("register_reports_menu_item")
def menu_item():
    return KindsMenuItem(
        _("Kinds of activity"), reverse("authoring_kinds"), icon_name="cogs", order=60
    )
