"""`/gezondheid/`."""

from django.urls import path

from ibnportal.core.health import views

urlpatterns = [path("gezondheid/", views.health, name="health")]
