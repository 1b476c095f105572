"""Addresses of this app, below the language."""

from django.urls import path

from . import announcement_pages, message_pages

urlpatterns = [
    path("my/messages/", message_pages.my_messages, name="my_messages"),
    path("my/messages/<int:run>/", message_pages.my_conversation, name="my_conversation"),
    path("teach/<int:pk>/messages/", message_pages.inbox, name="teach_messages"),
    path("teach/<int:pk>/messages/write/", message_pages.write, name="teach_write"),
    path(
        "teach/<int:pk>/people/<int:enrolment>/messages/",
        message_pages.conversation,
        name="teach_conversation",
    ),
    path("teach/<int:pk>/announcements/", announcement_pages.listed, name="teach_announcements"),
    path(
        "teach/<int:pk>/announcements/<int:announcement>/",
        announcement_pages.listed,
        name="teach_announcement",
    ),
]
