"""The evaluation's addresses: handling, pitches, advice, committee; the rest in `urls_experts` and `urls_decisions`."""

from django.urls import URLPattern, URLResolver, path

from evaluation.urls_decisions import urlpatterns as decision_patterns
from evaluation.urls_experts import urlpatterns as expert_patterns
from evaluation.views import advice, handling, meetings, pitch_days, pitches

app_name = "evaluation"
urlpatterns: list[URLPattern | URLResolver] = [
    *expert_patterns,
    *decision_patterns,
    path("behandeling/", handling.worklist, name="worklist"),
    path("behandeling/pitches/", pitch_days.overview, name="pitches"),
    path("behandeling/pitches/indelen/", pitch_days.layout, name="pitch_layout"),
    path("behandeling/pitches/leegmaken/", pitch_days.clear_day, name="pitch_clear_day"),
    path("behandeling/pitches/plannen/", pitch_days.plan_all, name="pitch_plan_all"),
    path("behandeling/pitches/wisselen/", pitch_days.swap, name="pitch_swap"),
    path("behandeling/pitches/uitnodigen/", pitch_days.invite_all, name="pitch_invite_all"),
    path("behandeling/pitches/programma/", pitch_days.programme, name="pitch_programme"),
    path("behandeling/<slug:number>/", handling.dossier, name="dossier"),
    path("behandeling/<slug:number>/toelaten/", pitches.admit, name="admit"),
    path("behandeling/<slug:number>/pitch/", pitches.pitch, name="pitch"),
    path("behandeling/<slug:number>/pitch/boeken/", pitches.book, name="pitch_book"),
    path("behandeling/<slug:number>/pitch/vervalt/", pitches.cancel, name="pitch_cancel"),
    path("behandeling/<slug:number>/pitch/noteren/", pitches.hold, name="pitch_hold"),
    path("behandeling/<slug:number>/advies-vooraanmelding/", advice.advise, name="advise"),
    path("behandeling/<slug:number>/feedback/", advice.feedback, name="feedback"),
    path("dossiers/<slug:number>/pitch.ics", pitches.calendar, name="pitch_calendar"),
    path("comite/", meetings.index, name="meetings"),
    path("comite/nieuw/", meetings.plan, name="meeting_plan"),
    path("comite/<int:pk>/", meetings.meeting, name="meeting"),
    path("comite/<int:pk>/onthouding/", meetings.recuse, name="meeting_recuse"),
    path("comite/<int:pk>/dossier/<slug:number>/", meetings.decide, name="meeting_decide"),
    path("comite/<int:pk>/bekendmaken/", meetings.preview, name="meeting_preview"),
    path("comite/<int:pk>/bekendmaken/nu/", meetings.publish, name="meeting_publish"),
]
