"""The portal's address book; every app brings its own patterns, in Dutch and in full."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("beheer/", admin.site.urls),
    path("account/", include("allauth.urls")),
    path("", include("ibnportal.core.demo.urls")),
    path("", include("ibnportal.core.health.urls")),
    path("", include("ibnportal.core.ui.urls")),
    path("", include("calls.urls")),
    path("", include("applications.urls")),
    path("", include("evaluation.urls")),
    path("", include("monitoring.urls")),
    path("", include("ibnportal.portal.urls")),
]
