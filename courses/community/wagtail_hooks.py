"""Announcements and what learners say, in the authoring site."""

from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.widgets.button import Button
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from courses.catalogue.models import CoursePage

from . import admin_views
from .models import Announcement


class AnnouncementViewSet(SnippetViewSet):
    model = Announcement
    icon = "warning"
    menu_label = gettext_lazy("Announcements")
    menu_order = 310
    add_to_admin_menu = True
    list_display = ["title_th", "level", "shown_from", "shown_until"]
    list_filter = ["level"]
    search_fields = ["title_th", "title_en", "text_th", "text_en"]


register_snippet(AnnouncementViewSet)


@hooks.register("register_admin_urls")
def urls():
    return [
        path("courses/<int:pk>/opinions/", admin_views.opinions, name="community_opinions"),
        path(
            "courses/<int:pk>/opinions.csv", admin_views.opinions_csv, name="community_opinions_csv"
        ),
        path("courses/<int:pk>/survey.csv", admin_views.survey_csv, name="community_survey_csv"),
        path("courses/<int:pk>/survey.xlsx", admin_views.survey_xlsx, name="community_survey_xlsx"),
    ]


def buttons(page, user):
    if page.specific_class is CoursePage and page.permissions_for_user(user).can_edit():
        yield Button(
            _("What learners say"),
            reverse("community_opinions", args=[page.pk]),
            icon_name="comment",
            priority=7,
        )


@hooks.register("register_page_header_buttons")
def header_buttons(page, user, view_name, next_url=None):
    yield from buttons(page, user)


@hooks.register("register_page_listing_buttons")
def listing_buttons(page, user, next_url=None):
    yield from buttons(page, user)
