"""Addresses of enrolling and of runs, below the language."""

urlpatterns = []
