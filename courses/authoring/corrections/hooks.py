from django.urls import path
from wagtail import hooks

from . import views


@hooks.register("register_admin_urls")
def urls():
    return [
        path("courses/<int:pk>/corrections/", views.corrections, name="authoring_corrections"),
    ]
