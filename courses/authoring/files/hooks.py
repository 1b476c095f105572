from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets import Button
from wagtail.permissions import page_permission_policy

from courses.catalogue.models import CoursePage

from . import views


@hooks.register("register_admin_urls")
def urls():
    return [
        path("course-files/", views.index, name="authoring_files"),
        path("course-files/<uuid:pk>/", views.job, name="authoring_import"),
        path("course-files/<uuid:pk>/import/", views.confirm, name="authoring_import_confirm"),
        path("course-files/download/<int:page>/", views.download, name="authoring_download"),
    ]


class FilesMenuItem(MenuItem):
    def is_shown(self, request):
        # Asked on every page: what the user may do in principle, which costs no query of its own.
        return page_permission_policy.user_has_permission(request.user, "publish")


@hooks.register("register_admin_menu_item")
def menu_item():
    return FilesMenuItem(
        _("Course files"), reverse("authoring_files"), icon_name="doc-full", order=310
    )


@hooks.register("register_page_header_buttons")
def download_button(page, user, next_url=None, view_name=None):
    if page.specific_class is CoursePage and page.permissions_for_user(user).can_edit():
        yield Button(
            _("Download as a course file"),
            reverse("authoring_download", args=[page.pk]),
            icon_name="download",
            priority=85,
        )
