"""Addresses of the pages that compose the apps."""

from django.urls import path

from ibnportal.portal.views import (
    agency_data,
    answers,
    documents,
    open_data,
    portfolio,
    previews,
    public,
    readings,
    search,
    work,
)

app_name = "portal"

urlpatterns = [
    path("werk/", work.my_work, name="work"),
    path("zoeken/", search.index, name="search"),
    path("organisaties/<int:pk>/", search.organisation, name="organisation"),
    path("portefeuille/", portfolio.portfolio, name="portfolio"),
    path("antwoorden/", answers.index, name="answers"),
    path("antwoorden/documenten/", documents.index, name="documents"),
    path("antwoorden/documenten/<int:pk>/", documents.document, name="document"),
    path("antwoorden/documenten/<int:pk>/tekst/", documents.rewrite, name="document_text"),
    path("antwoorden/documenten/<int:pk>/weglaten/", documents.leave_out, name="document_leave_out"),
    path("antwoorden/documenten/<int:pk>/verplaatsen/", documents.move, name="document_move"),
    path("antwoorden/documenten/<int:pk>/bevriezen/", documents.freeze, name="document_freeze"),
    path("antwoorden/documenten/<int:pk>/bestand/<slug:kind>/", documents.paper, name="document_file"),
    path("open-data/", open_data.about, name="open_data"),
    path("open-data/v1/", open_data.index, name="open_data_list"),
    path("open-data/v1/openapi.json", open_data.description, name="open_data_description"),
    path("open-data/v1/<slug:question>.<slug:kind>", open_data.answer, name="open_data_answer"),
    path("open-data/<slug:question>/", open_data.question, name="open_answer"),
    path("api/v1/", agency_data.index, name="agency_data"),
    path("api/v1/<slug:question>.<slug:kind>", agency_data.answer, name="agency_data_answer"),
    path("antwoorden/lezingen/", readings.index, name="readings"),
    path("antwoorden/lezingen/kies/", readings.choose, name="choose_reading"),
    path("antwoorden/lezingen/kies-indicator/", readings.choose_value, name="choose_value_reading"),
    path("antwoorden/lezingen/kies-gepubliceerd/", readings.choose_published, name="choose_published_reading"),
    path("antwoorden/beeld/<slug:theme>/", answers.theme, name="theme"),
    path("antwoorden/<slug:question>/", answers.question, name="answer"),
    path("antwoorden/<slug:question>/toevoegen/", documents.add_question, name="answer_to_document"),
    path("oproepen/<slug:code>/voorbeeld/<int:phase>/", previews.call_preview, name="call_preview"),
    path("", public.home, name="home"),
    path("programma/", public.programme, name="programme"),
    path("programma/<slug:code>/", public.network, name="network"),
]
