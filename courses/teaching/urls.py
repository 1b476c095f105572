"""Addresses of this app, below the language."""

from django.urls import path

from . import announcement_pages, matrix_pages, message_pages, participant_pages

urlpatterns = [
    path("my/messages/", message_pages.my_messages, name="my_messages"),
    path("my/messages/<int:run>/", message_pages.my_conversation, name="my_conversation"),
    path("teach/<int:pk>/matrix/", matrix_pages.page, name="teach_matrix"),
    path(
        "teach/<int:pk>/matrix/<int:enrolment>/<int:number>/",
        matrix_pages.cell,
        name="teach_matrix_cell",
    ),
    path(
        "teach/<int:pk>/matrix.csv", matrix_pages.export, {"kind": "csv"}, name="teach_matrix_csv"
    ),
    path(
        "teach/<int:pk>/matrix.xlsx",
        matrix_pages.export,
        {"kind": "xlsx"},
        name="teach_matrix_xlsx",
    ),
    path("teach/<int:pk>/people/", participant_pages.listed, name="teach_people"),
    path(
        "teach/<int:pk>/people.csv",
        participant_pages.export,
        {"kind": "csv"},
        name="teach_people_csv",
    ),
    path(
        "teach/<int:pk>/people.xlsx",
        participant_pages.export,
        {"kind": "xlsx"},
        name="teach_people_xlsx",
    ),
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
