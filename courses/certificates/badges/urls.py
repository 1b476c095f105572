"""Addresses for machines: without a language, and for ever the same."""

from django.urls import path

from . import views

urlpatterns = [
    path(".well-known/jwks.json", views.jwks, name="jwks"),
    path("badges/issuer", views.issuer_view, name="badge_issuer"),
    path("badges/keys/<uuid:kid>", views.key, name="badge_key"),
    path("badges/achievements/<int:release>", views.achievement_view, name="badge_achievement"),
    path("badges/credentials/<str:code>", views.credential, name="badge_credential"),
    path("badges/status/<int:number>", views.status, name="badge_status"),
]
