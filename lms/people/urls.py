"""Addresses of accounts, own data and an agency's people, below the language."""

from django.urls import path

from . import agency_pages, agency_report, notices, own_data, views

urlpatterns = [
    path("account/profile/", views.profile, name="profile"),
    path("account/notifications/", notices.preferences, name="notice_preferences"),
    path("account/data/", own_data.own_data, name="own_data"),
    path("account/data/<uuid:key>/", own_data.own_copy, name="own_copy"),
    path("account/erase/", own_data.account_erase, name="account_erase"),
    path("account/sign-out-everywhere/", own_data.sign_out_everywhere, name="sign_out_everywhere"),
    path("my/notifications/", notices.centre, name="notices"),
    path("my/notifications/read/", notices.read_all, name="notices_read"),
    path("my/notifications/<int:pk>/", notices.go, name="notice"),
    path("agency/people/", agency_pages.people, name="agency_people"),
    path("agency/people.csv", agency_pages.people_csv, name="agency_csv"),
    path("agency/people.xlsx", agency_pages.people_xlsx, name="agency_xlsx"),
    path("agency/learning/", agency_report.report, name="agency_report"),
    path("agency/learning.csv", agency_report.report_csv, name="agency_report_csv"),
    path("agency/learning.xlsx", agency_report.report_xlsx, name="agency_report_xlsx"),
    path("agency/people/<int:pk>/", agency_pages.person, name="agency_person"),
]
