"""Addresses of the dossiers; those of the handling stand in `urls_handling`, those of the letters in `urls_letters`."""

from django.urls import path

from applications.urls_handling import urlpatterns as handling
from applications.urls_letters import urlpatterns as letters
from applications.views import cofinancing, dossiers, money, plan, questionnaires, register, submitting, writing

app_name = "applications"

D = "dossiers/<slug:number>/"

urlpatterns = [
    path("dossiers/", dossiers.index, name="list"),
    path("dossiers/nieuw/", dossiers.start, name="start"),
    *handling,
    path(D, dossiers.detail, name="detail"),
    path(f"{D}volledige-aanvraag/", dossiers.open_full, name="open_full"),
    path(f"{D}gegevens/", dossiers.facts, name="facts"),
    path(f"{D}onderdeel/<slug:code>/", dossiers.section, name="section"),
    path(f"{D}antwoord/<int:answer_id>/bestand/", dossiers.answer_file, name="answer_file"),
    path(f"{D}onderdeel/<slug:code>/stand/", dossiers.section_state, name="section_state"),
    path(f"{D}antwoord/<int:answer_id>/geschiedenis/", writing.answer_history, name="answer_history"),
    path(f"{D}antwoord/<int:answer_id>/terugzetten/", writing.answer_restore, name="answer_restore"),
    path(f"{D}auteurs/", writing.author_list, name="authors"),
    path(f"{D}auteurs/<int:dossier_author_id>/verwijderen/", writing.author_end, name="author_end"),
    path(f"{D}uitnodigingen/<int:invitation_id>/intrekken/", writing.invitation_revoke, name="invitation_revoke"),
    path("oproepen/<slug:code>/vragenlijst/<int:phase>/<str:kind>/", questionnaires.blank, name="questionnaire"),
    path(f"{D}vragenlijst/<str:kind>/", questionnaires.of_mine, name="own_questionnaire"),
    path("uitnodiging/<str:token>/", writing.invitation, name="invitation"),
    *letters,
    path(f"{D}bijlagen/", register.document_list, name="documents"),
    path(f"{D}bijlagen/<slug:kind>/", register.document_attach, name="document_attach"),
    path(f"{D}bijlagen/<slug:kind>/verwijderen/", register.document_detach, name="document_detach"),
    path(f"{D}bijlagen/<slug:kind>/bestand/", register.document_file, name="document_file"),
    path(f"{D}begroting/", money.budget_page, name="budget"),
    path(f"{D}begroting/rekenblad/", money.budget_template, name="budget_template"),
    path(f"{D}begroting/bestand/", money.budget_file, name="budget_file"),
    path(f"{D}begroting/bestand/<int:budget_upload_id>/", money.budget_version, name="budget_version"),
    path(f"{D}begroting/btw/", money.budget_vat, name="budget_vat"),
    path(f"{D}cofinanciering/", cofinancing.plan_page, name="cofinancing"),
    path(f"{D}cofinanciering/rooster/", cofinancing.plan_grid, name="plan_grid"),
    path(f"{D}cofinanciering/toezeggingen/", cofinancing.plan_promises, name="plan_promises"),
    path(f"{D}cofinanciering/clusterorganisatie/", cofinancing.plan_declaration, name="plan_declaration"),
    path(f"{D}cofinanciering/<int:line_id>/", cofinancing.plan_line, name="plan_line"),
    path(f"{D}cofinanciering/<int:line_id>/verwijderen/", cofinancing.plan_remove, name="plan_remove"),
    path(f"{D}omstandigheden/", plan.condition_page, name="conditions"),
    path(f"{D}werkplan/", plan.plan, name="workplan"),
    path(f"{D}werkplan/pakketten/nieuw/", plan.package_add, name="package_add"),
    path(f"{D}werkplan/pakketten/<int:work_package_id>/", plan.package_edit, name="package"),
    path(f"{D}werkplan/pakketten/<int:work_package_id>/verwijderen/", plan.package_remove, name="package_remove"),
    path(f"{D}werkplan/mijlpalen/nieuw/", plan.milestone_add, name="milestone_add"),
    path(f"{D}werkplan/mijlpalen/<int:milestone_id>/", plan.milestone_edit, name="milestone"),
    path(f"{D}werkplan/mijlpalen/<int:milestone_id>/verwijderen/", plan.milestone_remove, name="milestone_remove"),
    path(f"{D}team/", plan.team_list, name="team"),
    path(f"{D}team/nieuw/", plan.member_add, name="member_add"),
    path(f"{D}team/<int:team_member_id>/", plan.member_edit, name="member"),
    path(f"{D}team/<int:team_member_id>/verwijderen/", plan.member_remove, name="member_remove"),
    path(f"{D}indicatoren/", money.kpi_list, name="kpis"),
    path(f"{D}indicatoren/nieuw/", money.kpi_add, name="kpi_add"),
    path(f"{D}indicatoren/<int:target_id>/", money.kpi_edit, name="kpi"),
    path(f"{D}indicatoren/<int:target_id>/verwijderen/", money.kpi_remove, name="kpi_remove"),
    path(f"{D}indienen/", submitting.submit, name="submit"),
    path(f"{D}intrekken/", submitting.withdraw, name="withdraw"),
    path(f"{D}ontvangst/<int:phase>/", submitting.receipt, name="receipt"),
    path(f"{D}ontvangst/<int:phase>/bewijs/", submitting.receipt_file, name="receipt_file"),
    path(f"{D}indiening/<int:phase>/<int:version>/", submitting.submitted, name="submitted"),
    path(
        f"{D}indiening/<int:phase>/<int:version>/bestand/<int:file_id>/",
        submitting.submission_file,
        name="submission_file",
    ),
]
