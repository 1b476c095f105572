"""Addresses. Everything a person reads lives under /th/ or /en/; machines' addresses do not."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as admin_urls
from wagtail.documents import urls as document_urls

from courses.certificates import views as certificates
from courses.enrolment import dashboard, joining, pages, player, teach, teach_dates, teach_person
from lms.people import views as people
from search import views as search_views

from . import api, views

handler403 = "lms.views.permission_denied"
handler404 = "lms.views.page_not_found"
handler500 = "lms.views.server_error"

urlpatterns = [
    path("healthz", views.health, name="healthz"),
    path("admin/", include(admin_urls)),
    path("documents/", include(document_urls)),
    path("api/v1/", api.urls),
    path("preferences/", people.preferences, name="preferences"),
    path("", include("courses.certificates.badges.urls")),
]

if getattr(settings, "LMS_SERVE_MEDIA", False):
    urlpatterns += [
        re_path(rf"^{settings.MEDIA_URL.strip('/')}/(?P<path>.*)$", views.picture),
    ]

if settings.LMS_AUTHORING_API:
    from . import authoring_api

    urlpatterns.append(path("api/authoring/", authoring_api.urls))

LEARN = "learn/<str:course>/<str:item>/"

urlpatterns += i18n_patterns(
    path("", include("lms.people.urls")),
    path("account/", include("allauth.account.urls")),
    path("words/<slug:digest>.json", views.words, name="words"),
    path("my/", dashboard.dashboard, name="dashboard"),
    path("courses/", pages.catalogue_view, name="catalogue"),
    path("course/<str:course>/", player.course_by_slug, name="course"),
    path("course/<str:course>/enrol/", joining.enrol_view, name="enrol"),
    path("course/<str:course>/leave/", joining.leave_view, name="leave"),
    path("learn/item/<uuid:key>/", player.item_by_key, name="item_by_key"),
    path("learn/<str:course>/", player.resume, name="course_resume"),
    path(f"{LEARN}-/draft/", player.item_draft, name="item_draft"),
    path(f"{LEARN}-/ping/", player.item_ping, name="item_ping"),
    path(LEARN, player.item, name="item"),
    path(f"{LEARN}<slug:step>/", player.item, name="item_step"),
    path("teach/", teach.run_list, name="teach_runs"),
    path("teach/<int:pk>/", teach.run, name="teach_run"),
    path("teach/<int:pk>/participants.csv", teach.participants_csv, name="teach_csv"),
    path("teach/<int:pk>/dates/", teach_dates.dates, name="teach_dates"),
    path("teach/<int:pk>/people/<int:enrolment>/", teach_person.person, name="teach_person"),
    path("teach/<int:pk>/<uuid:key>/", teach.item, name="teach_item"),
    path("teach/<int:pk>/<uuid:key>/<slug:step>/", teach.item, name="teach_item_step"),
    path("", include("courses.enrolment.urls")),
    path("", include("courses.grades.urls")),
    path("", include("courses.teaching.urls")),
    path("", include("courses.community.urls")),
    path("search/", search_views.search_page, name="search"),
    path("search/suggest/", search_views.suggestions, name="search_suggest"),
    path("search/forget/", search_views.forget_recent, name="search_forget"),
    path("", include("courses.certificates.urls")),
    path("certificates/", certificates.lookup, name="certificate_lookup"),
    path("certificates/<str:code>/", certificates.verify, name="certificate_verify"),
    path("certificates/<str:code>/revoke/", certificates.revoke_view, name="certificate_revoke"),
    path("certificates/<str:code>/pdf/", certificates.pdf, name="certificate_pdf"),
    path("", include(wagtail_urls)),
)
