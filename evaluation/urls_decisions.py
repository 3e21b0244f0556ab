"""Addresses of what surrounds a meeting and of what follows a decision; `evaluation.urls` takes them in."""

from django.urls import URLPattern, path

from evaluation.views import afterwards, complaints, meeting_aids, meetings

urlpatterns: list[URLPattern] = [
    path("comite/<int:pk>/aanwezigheid/", meetings.attend, name="meeting_attend"),
    path("comite/<int:pk>/gegevens/", meetings.describe, name="meeting_describe"),
    path("comite/<int:pk>/portefeuille/", meeting_aids.portfolio_page, name="meeting_portfolio"),
    path("comite/<int:pk>/denkoefeningen/", meeting_aids.what_ifs, name="what_ifs"),
    path("comite/denkoefening/<int:pk>/weg/", meeting_aids.what_if_drop, name="what_if_drop"),
    path("comite/<int:pk>/stukken/", meeting_aids.papers_page, name="meeting_papers"),
    path("comite/<int:pk>/stukken/verslag/", meeting_aids.ask_minutes, name="meeting_minutes"),
    path("comite/stuk/<int:pk>/", meeting_aids.paper, name="paper"),
    path("comite/<int:pk>/fiches/", meeting_aids.sheets_page, name="meeting_sheets"),
    path("comite/<int:pk>/fiches/opnieuw/", meeting_aids.resume_sheets, name="meeting_sheets_resume"),
    path("comite/beslissing/<int:pk>/verbeteren/", afterwards.correct, name="decision_correct"),
    path("behandeling/<slug:number>/eerder-gedrag/", meeting_aids.conduct_page, name="conduct"),
    path("behandeling/<slug:number>/herziening/", afterwards.review_of, name="review_of"),
    path("nazorg/", afterwards.index, name="afterwards"),
    path("nazorg/herziening/<int:pk>/", afterwards.review, name="review"),
    path("nazorg/herziening/<int:pk>/toewijzen/", afterwards.assign_review, name="review_assign"),
    path("nazorg/nabespreking/<int:pk>/", afterwards.discussion, name="discussion"),
    path("dossiers/<slug:number>/herziening/", afterwards.ask_review, name="review_ask"),
    path("dossiers/<slug:number>/nabespreking/", afterwards.ask_discussion, name="discussion_ask"),
    path("klachten/", complaints.index, name="complaints"),
    path("klachten/nieuw/", complaints.file, name="complaint_file"),
    path("klachten/inschrijven/", complaints.enter, name="complaint_enter"),
    path("klachten/<int:pk>/", complaints.complaint, name="complaint"),
    path("klachten/<int:pk>/toewijzen/", complaints.assign, name="complaint_assign"),
]
