"""The graph of a scenario: its address and its buttons in the authoring site."""

from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin.widgets.button import Button

from .author import graph_page
from .models import RolePlaySoloPage


@hooks.register("register_admin_urls")
def urls():
    return [path("role-plays/<int:pk>/graph/", graph_page, name="role_play_graph")]


def buttons(page, user):
    if page.specific_class is not RolePlaySoloPage or page.pk is None:
        return
    if page.permissions_for_user(user).can_edit():
        yield Button(
            _("Graph of the scenario"),
            reverse("role_play_graph", args=[page.pk]),
            icon_name="sitemap",
            priority=6,
        )


@hooks.register("register_page_header_buttons")
def header_buttons(page, user, view_name, next_url=None):
    yield from buttons(page, user)


@hooks.register("register_page_listing_more_buttons")
def listing_buttons(page, user, next_url=None):
    yield from buttons(page, user)


@hooks.register("insert_editor_js")
def open_named_block():
    """The links of the graph lead to blocks in tabs that the editor does not open by itself."""
    return format_html(
        '<script type="module" src="{}"></script>', static("sala/js/admin/role_play.js")
    )
