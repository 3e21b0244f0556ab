"""Addresses of the screening and of completing a dossier; `applications.urls` includes them."""

from django.urls import URLPattern, path, re_path

from applications.views import screening, supplements

urlpatterns: list[URLPattern] = [
    path("behandeling/<slug:number>/screening/", screening.page, name="screening"),
    path("behandeling/<slug:number>/screening/openen/", screening.open_, name="screening_open"),
    path("behandeling/<slug:number>/screening/<int:check_id>/", screening.judge, name="screening_judge"),
    re_path(
        r"^behandeling/(?P<number>[-\w]+)/screening/besluit/(?P<outcome>ontvankelijk|onontvankelijk)/$",
        screening.conclude,
        name="screening_conclude",
    ),
    path("behandeling/<slug:number>/vervollediging/", supplements.request_, name="supplement_request"),
    path("behandeling/<slug:number>/bestand/<int:file_id>/", screening.file, name="handling_file"),
    path("dossiers/<slug:number>/vervollediging/", supplements.answer, name="supplement"),
]
