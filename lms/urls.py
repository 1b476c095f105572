from django.urls import path, include
urlpatterns = [path("admin/", include("wagtail.admin.urls"))]
