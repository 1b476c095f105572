"""Addresses of this app, below the language."""

from django.urls import path

from . import announcement_views, calendar_views, feedback_views, help_views, survey_views

urlpatterns = [
    path("help/", help_views.help_page, name="help"),
    path("help/<slug:slug>/", help_views.written, name="help_article"),
    path("my/deadlines/", calendar_views.mine, name="calendar"),
    path("calendar/<str:secret>.ics", calendar_views.feed, name="calendar_feed"),
    path("my/announcements/<int:pk>/", announcement_views.away, name="announcement_away"),
    path("my/survey/<int:pk>/", survey_views.survey_view, name="survey"),
    path(
        "learn/<str:course>/<str:item>/-/feedback/",
        feedback_views.lesson_feedback,
        name="lesson_feedback",
    ),
    path("teach/<int:pk>/survey/", survey_views.run_result, name="run_survey"),
    path("teach/<int:pk>/survey.csv", survey_views.run_csv, name="run_survey_csv"),
    path("teach/<int:pk>/survey.xlsx", survey_views.run_xlsx, name="run_survey_xlsx"),
]
