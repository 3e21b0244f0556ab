"""Addresses of experts, scores, panel advice, ranking and decision sheets; `evaluation.urls` takes them in, first."""

from django.urls import URLPattern, path

from evaluation.views import advising, distribution, experts, interests, panel, sheets, shortlist

urlpatterns: list[URLPattern] = [
    path("expert/", experts.index, name="expert_index"),
    path("expert/dossier/<int:pk>/", experts.scores, name="expert_scores"),
    path("expert/dossier/<int:pk>/verklaring/", experts.declare, name="expert_declare"),
    path("expert/dossier/<int:pk>/bewaren/", experts.save, name="expert_save"),
    path("expert/dossier/<int:pk>/indienen/", experts.hand_in, name="expert_hand_in"),
    path("expert/uitnodiging/<str:token>/", experts.invitation, name="invitation"),
    path("belangen/", interests.mine, name="interests"),
    path("belangen/<int:pk>/intrekken/", interests.withdraw, name="interest_withdraw"),
    path("behandeling/deskundigen/", distribution.pool, name="expert_pool"),
    path("behandeling/deskundigen/nieuw/", distribution.enter, name="expert_enter"),
    path("behandeling/deskundigen/<int:pk>/", distribution.profile, name="expert_profile"),
    path("behandeling/deskundigen/<int:pk>/uit-de-pool/", distribution.leave, name="expert_leave"),
    path("behandeling/verdeling/<slug:code>/", distribution.distribute, name="distribution"),
    path("behandeling/<slug:number>/beoordeling/", panel.overview, name="panel"),
    path("behandeling/<slug:number>/beoordeling/starten/", panel.start, name="panel_start"),
    path("behandeling/<slug:number>/beoordeling/deskundigen/", panel.pool, name="experts"),
    path(
        "behandeling/<slug:number>/beoordeling/deskundigen/<int:pk>/heropenen/", panel.reopen, name="assignment_reopen"
    ),
    path(
        "behandeling/<slug:number>/beoordeling/deskundigen/<int:pk>/intrekken/",
        panel.take_back,
        name="assignment_take_back",
    ),
    path(
        "behandeling/<slug:number>/beoordeling/deskundigen/<int:pk>/herinneren/", panel.remind, name="assignment_remind"
    ),
    path("behandeling/<slug:number>/beoordeling/deskundigen/<int:pk>/uitstel/", panel.extend, name="assignment_extend"),
    path("behandeling/<slug:number>/beoordeling/conflict/<int:pk>/opheffen/", panel.waive, name="conflict_waive"),
    path("behandeling/<slug:number>/beoordeling/advies/", advising.advise, name="panel_advice"),
    path("behandeling/<slug:number>/beoordeling/advies/bewaren/", advising.save_draft, name="panel_draft"),
    path("behandeling/<slug:number>/beoordeling/advies/herzien/", advising.revise, name="panel_revise"),
    path("behandeling/<slug:number>/beoordeling/advies/<int:pk>/", advising.version, name="advice_version"),
    path("behandeling/<slug:number>/beoordeling/advies/<int:pk>/goedkeuren/", advising.approve, name="advice_approve"),
    path(
        "behandeling/<slug:number>/beoordeling/advies/<int:pk>/terugsturen/", advising.send_back, name="advice_return"
    ),
    path("comite/rangschikking/<slug:code>/", shortlist.shortlist, name="shortlist"),
    path("comite/rangschikking/<slug:code>/stevigheid/", shortlist.firmness, name="shortlist_firmness"),
    path("comite/rangschikking/<slug:code>/bevriezen/", shortlist.freeze, name="shortlist_freeze"),
    path("fiche/controle/", sheets.check, name="sheet_check"),
    path("fiche/<slug:code>/", sheets.download, name="sheet_download"),
]
