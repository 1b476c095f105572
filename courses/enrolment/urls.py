"""Addresses of enrolling and of runs, below the language."""

from django.urls import path

from . import events

urlpatterns = [
    path("learn/<str:course>/<str:item>/-/events/", events.item_events, name="item_events"),
]
