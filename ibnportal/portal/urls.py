"""Addresses of the pages that compose the apps."""

from django.urls import path

from ibnportal.portal.views import answers, portfolio, previews, public, work

app_name = "portal"

urlpatterns = [
    path("werk/", work.my_work, name="work"),
    path("portefeuille/", portfolio.portfolio, name="portfolio"),
    path("antwoorden/", answers.index, name="answers"),
    path("antwoorden/beeld/<slug:theme>/", answers.theme, name="theme"),
    path("antwoorden/<slug:question>/", answers.question, name="answer"),
    path("oproepen/<slug:code>/voorbeeld/<int:phase>/", previews.call_preview, name="call_preview"),
    path("", public.home, name="home"),
    path("programma/", public.programme, name="programme"),
    path("programma/<slug:code>/", public.network, name="network"),
]
