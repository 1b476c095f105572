"""Addresses of this app, below the language."""

from django.urls import path

from . import gradebook, pages, rules_pages

urlpatterns = [
    path("course/<str:course>/grades/", pages.my_grades, name="my_grades"),
    path("teach/<int:pk>/grades/", gradebook.gradebook, name="teach_grades"),
    path("teach/<int:pk>/grades.csv", gradebook.export, {"kind": "csv"}, name="teach_grades_csv"),
    path(
        "teach/<int:pk>/grades.xlsx", gradebook.export, {"kind": "xlsx"}, name="teach_grades_xlsx"
    ),
    path("teach/<int:pk>/grades/rules/", rules_pages.run_rules, name="teach_grade_rules"),
    path("teach/<int:pk>/grades/recalculate/", rules_pages.recalculate, name="teach_recalculate"),
    path(
        "teach/<int:pk>/grades/recalculations/<int:job>/",
        rules_pages.recalculation,
        name="teach_recalculation",
    ),
    path("teach/<int:pk>/grades/<int:enrolment>/", gradebook.person, name="teach_grade"),
    path(
        "teach/courses/<uuid:course>/grades/", rules_pages.course_rules, name="course_grade_rules"
    ),
]
