"""Addresses of the screening and of completing a dossier; `applications.urls` includes them."""

from django.urls import URLPattern, path, re_path

from applications.views import mergers, messages, progress, screening, supplements

urlpatterns: list[URLPattern] = [
    path("behandeling/screening/", progress.page, name="screening_progress"),
    path("behandeling/<slug:number>/behandelaar/", progress.assign, name="screening_assign"),
    path("behandeling/<slug:number>/screening/", screening.page, name="screening"),
    path("behandeling/<slug:number>/screening/aanwezig/", screening.presence, name="screening_presence"),
    path("behandeling/<slug:number>/screening/openen/", screening.open_, name="screening_open"),
    path("behandeling/<slug:number>/screening/<int:check_id>/", screening.judge, name="screening_judge"),
    re_path(
        r"^behandeling/(?P<number>[-\w]+)/screening/besluit/(?P<outcome>ontvankelijk|onontvankelijk)/$",
        screening.conclude,
        name="screening_conclude",
    ),
    path("behandeling/<slug:number>/berichten/", messages.page, name="messages"),
    path("behandeling/<slug:number>/berichten/<slug:template>/", messages.write, name="message_write"),
    path("behandeling/<slug:number>/samenvoegen/", mergers.merge, name="merge"),
    path("behandeling/<slug:number>/samenvoegen/<int:merger_id>/ongedaan/", mergers.undo, name="merge_undo"),
    path("behandeling/<slug:number>/vervollediging/", supplements.request_, name="supplement_request"),
    path("behandeling/<slug:number>/bestand/<int:file_id>/", screening.file, name="handling_file"),
    path("dossiers/<slug:number>/vervollediging/", supplements.answer, name="supplement"),
    path(
        "dossiers/<slug:number>/vervollediging/bestand/<int:file_id>/", supplements.answer_file, name="supplement_file"
    ),
]
