"""One view that does nothing, behind the middleware that all pages have: the unit of the ratios."""

from django.http import HttpResponse
from django.urls import path

urlpatterns = [path("empty/", lambda request: HttpResponse(), name="empty")]
