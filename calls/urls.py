"""Addresses of the calls."""

from django.urls import path

from calls.views import public

app_name = "calls"

urlpatterns = [
    path("oproepen/", public.call_list, name="list"),
    path("oproepen/<slug:code>/", public.call_detail, name="detail"),
    path("oproepen/<slug:code>/vragen/", public.call_questions, name="questions"),
]
