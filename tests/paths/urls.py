"""The site's addresses with the authoring API switched on."""

from django.urls import path

from lms import authoring_api
from lms.urls import *  # noqa: F403 - the site as it is, and one address more
from lms.urls import urlpatterns

urlpatterns = [path("api/authoring/", authoring_api.urls), *urlpatterns]
