from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from ..kinds.views import may_see
from . import views


class TimesMenuItem(MenuItem):
    def is_shown(self, request):
        return may_see(request.user)


@hooks.register("register_admin_urls")
def urls():
    return [path("reports/times/", views.times, name="authoring_times")]


@hooks.register("register_reports_menu_item")
def menu_item():
    return TimesMenuItem(
        _("Minutes, assumed and measured"), reverse("authoring_times"), icon_name="time", order=55
    )
