"""`/toegankelijkheid/` and, in debug, `/stijlgids/`."""

from django.urls import path

from ibnportal.core.ui import views

app_name = "ui"
urlpatterns = [
    path("toegankelijkheid/", views.accessibility, name="accessibility"),
    path("stijlgids/", views.style_guide, name="style_guide"),
    path("stijlgids/werk/", views.style_guide_job, name="style_guide_job"),
    path("stijlgids/404/", views.style_guide_not_found, name="style_guide_not_found"),
    path("stijlgids/500/", views.style_guide_server_error, name="style_guide_server_error"),
]
