from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets.button import Button

from courses.catalogue.models import CoursePage

from . import views
from .closed import ClosedCourses
from .mine import MyCourses


@hooks.register("register_admin_urls")
def urls():
    return [
        path("courses/", views.courses, name="authoring_courses"),
        path("courses/<int:pk>/", views.dashboard, name="authoring_dashboard"),
        path("courses/<int:pk>/move/", views.move, name="authoring_move"),
    ]


@hooks.register("register_admin_menu_item")
def menu_item():
    return MenuItem(
        gettext_lazy("Courses"), reverse("authoring_courses"), icon_name="list-ul", order=105
    )


@hooks.register("construct_homepage_panels")
def panels_of_courses(request, panels):
    panels += [MyCourses(), ClosedCourses()]


def buttons(page, user):
    if page.specific_class is CoursePage and page.permissions_for_user(user).can_edit():
        yield Button(
            _("Course dashboard"),
            reverse("authoring_dashboard", args=[page.pk]),
            icon_name="list-ul",
            priority=5,
        )


@hooks.register("register_page_header_buttons")
def header_buttons(page, user, view_name, next_url=None):
    yield from buttons(page, user)


@hooks.register("register_page_listing_buttons")
def listing_buttons(page, user, next_url=None):
    yield from buttons(page, user)
