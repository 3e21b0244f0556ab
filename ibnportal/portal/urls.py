"""Addresses of the pages that compose the apps."""

from django.urls import path

from ibnportal.portal.views import portfolio, public, work

app_name = "portal"

urlpatterns = [
    path("werk/", work.my_work, name="work"),
    path("portefeuille/", portfolio.portfolio, name="portfolio"),
    path("", public.home, name="home"),
    path("programma/", public.programme, name="programme"),
    path("programma/<slug:code>/", public.network, name="network"),
]
