from django.urls import path
from wagtail import hooks

from . import views


@hooks.register("register_admin_urls")
def urls():
    return [
        path("courses/<int:pk>/releases/", views.releases, name="authoring_releases"),
        path("courses/<int:pk>/releases/compare/", views.compare_two, name="authoring_compare"),
        path(
            "courses/<int:pk>/releases/<int:release>/restore/",
            views.bring_back,
            name="authoring_restore",
        ),
    ]
