"""Addresses of this app, below the language."""

from django.urls import path

from . import (
    announcement_pages,
    matrix_pages,
    meeting_pages,
    message_pages,
    participant_pages,
    seen_as_pages,
)

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
    path("course/<str:course>/meetings/", meeting_pages.my_meetings, name="my_meetings"),
    path("teach/<int:pk>/meetings/", meeting_pages.listed, name="teach_meetings"),
    path("teach/<int:pk>/meetings/<int:meeting>/", meeting_pages.listed, name="teach_meeting"),
    path("teach/<int:pk>/meetings/<int:meeting>/roll/", meeting_pages.roll, name="teach_roll"),
    path(
        "teach/<int:pk>/attendance.csv",
        meeting_pages.export,
        {"kind": "csv"},
        name="teach_attendance_csv",
    ),
    path(
        "teach/<int:pk>/attendance.xlsx",
        meeting_pages.export,
        {"kind": "xlsx"},
        name="teach_attendance_xlsx",
    ),
    path("teach/<int:pk>/see/", seen_as_pages.first, name="teach_see_first"),
    path("teach/<int:pk>/see/<uuid:key>/", seen_as_pages.see, name="teach_see"),
    path("teach/<int:pk>/see/<uuid:key>/<slug:step>/", seen_as_pages.see, name="teach_see_step"),
    path(
        "teach/<int:pk>/people/<int:enrolment>/see/",
        seen_as_pages.first,
        name="teach_see_as_first",
    ),
    path(
        "teach/<int:pk>/people/<int:enrolment>/see/<uuid:key>/",
        seen_as_pages.see,
        name="teach_see_as",
    ),
    path(
        "teach/<int:pk>/people/<int:enrolment>/see/<uuid:key>/<slug:step>/",
        seen_as_pages.see,
        name="teach_see_as_step",
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
