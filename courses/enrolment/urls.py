"""Addresses of enrolling and of runs, below the language."""

from django.urls import path

from . import events, import_views, joining, manage_people, manage_runs, teach_needs

urlpatterns = [
    path("teach/needs/", teach_needs.needs, name="teach_needs"),
    path("course/<str:course>/runs/<uuid:run>/", joining.run_join, name="run_join"),
    path("teach/courses/", manage_runs.courses, name="teach_courses"),
    path("teach/courses/<uuid:course>/", manage_runs.course_runs, name="teach_course_runs"),
    path("teach/courses/<uuid:course>/new/", manage_runs.new, name="teach_run_new"),
    path("teach/<int:pk>/edit/", manage_runs.edit, name="teach_run_edit"),
    path("teach/<int:pk>/copy/", manage_runs.copy, name="teach_run_copy"),
    path("teach/<int:pk>/open/", manage_runs.set_open, name="teach_run_open"),
    path("teach/<int:pk>/groups/", manage_runs.groups, name="teach_groups"),
    path("teach/<int:pk>/enrol/", manage_people.enrol_page, name="teach_enrol"),
    path("teach/<int:pk>/people/<int:enrolment>/place/", manage_people.place, name="teach_place"),
    path("teach/<int:pk>/import/", import_views.upload, name="teach_import"),
    path("teach/<int:pk>/import/template.csv", import_views.template, name="teach_import_template"),
    path("teach/<int:pk>/import/<uuid:batch>/", import_views.batch, name="teach_import_batch"),
    path("learn/<str:course>/<str:item>/-/events/", events.item_events, name="item_events"),
    path("teach/<int:pk>/<uuid:key>/-/events/", events.desk_events, name="teach_item_events"),
]
