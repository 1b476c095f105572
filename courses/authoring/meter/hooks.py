"""The meter's place in the authoring site."""

from django.urls import path
from wagtail import hooks

from . import views
from .panel import attach

attach()


@hooks.register("register_admin_urls")
def meter_urls():
    return [
        path("meter/<int:page_id>/", views.on_edit, name="meter_edit"),
        path(
            "meter/new/<slug:app_label>/<slug:model_name>/<int:parent_id>/",
            views.on_create,
            name="meter_create",
        ),
    ]
