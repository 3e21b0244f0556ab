"""`/demo/…`."""

from django.urls import path

from ibnportal.core.demo import views

urlpatterns = [
    path("demo/aanmelden/", views.sign_in, name="demo_sign_in"),
    path("demo/klok/", views.set_clock, name="demo_clock"),
]
