"""Addresses of networks and payments."""

from django.urls import path, re_path

from monitoring.views import (
    activities,
    aftermath,
    agreements,
    amendments,
    banking,
    collaborations,
    contributions,
    extensions,
    handover,
    ledger,
    member_lists,
    members,
    networks,
    payments,
    portfolio,
    report_costs,
    reports,
    settlements,
    steering,
)

app_name = "monitoring"

NETWORK = "netwerken/<slug:code>/"
AGREEMENT = f"{NETWORK}overeenkomst/"
MEMBERS = f"{NETWORK}leden/"
STEERING = f"{NETWORK}stuurgroep/"
MEETING = f"{STEERING}<int:pk>/"
ACTIVITIES = f"{NETWORK}activiteiten/"
COLLABORATIONS = f"{NETWORK}samenwerking/"
FUTURE = f"{NETWORK}toekomst/"
YEAR = f"{NETWORK}jaar/<int:year>/"
CLAIMS = f"{YEAR}bijdragen/"
REPORT = f"{YEAR}verslag/"
PAYMENT_YEAR = "betalingen/<slug:code>/jaar/<int:year>/"
TRANCHE = "betalingen/schijf/<int:pk>/"

urlpatterns = [
    path("netwerken/", networks.index, name="list"),
    path("netwerken/", networks.index, name="mine"),  # the same page under the network's own word in the menu
    path("netwerken/opvolging/", portfolio.follow_up, name="follow_up"),
    path("netwerken/opvolging/gelezen/", portfolio.seen, name="follow_up_seen"),
    path("netwerken/agenda/", portfolio.agenda, name="agenda"),
    path("netwerken/staatssteun/", aftermath.aid, name="state_aid"),
    path("overeenkomsten/opmaken/<int:pk>/", networks.draft, name="draft"),
    path(NETWORK, networks.network, name="network"),
    path(f"{NETWORK}overdracht/", handover.hand_over, name="hand_over"),
    # the agreement
    path(AGREEMENT, agreements.agreement, name="agreement"),
    path(f"{AGREEMENT}ondertekenen/", agreements.sign, name="agreement_sign"),
    path(f"{AGREEMENT}starten/", agreements.start, name="agreement_start"),
    path(f"{AGREEMENT}begin/", agreements.change_start, name="agreement_change_start"),
    path(f"{AGREEMENT}rekening/", agreements.set_account, name="agreement_account"),
    path(f"{AGREEMENT}rekening/aanvragen/", banking.ask_account, name="account_ask"),
    path(f"{AGREEMENT}begunstigde/", agreements.appoint_beneficiary, name="agreement_beneficiary"),
    path(f"{AGREEMENT}voorwaarden/<int:pk>/", agreements.meet_condition, name="agreement_condition"),
    path(f"{AGREEMENT}indicatoren/<int:pk>/", agreements.fix_indicator, name="agreement_indicator"),
    path(f"{AGREEMENT}bestand/", agreements.signed_file, name="agreement_file"),
    path(f"{AGREEMENT}document/", amendments.ask_paper, name="agreement_paper_ask"),
    path(f"{AGREEMENT}document/<int:pk>/", amendments.paper_pdf, name="agreement_paper_pdf"),
    path(f"{AGREEMENT}document/<int:pk>/word/", amendments.paper_docx, name="agreement_paper_docx"),
    re_path(
        r"^netwerken/(?P<code>[-a-zA-Z0-9_]+)/overeenkomst/addendum/(?P<kind>bedragen|looptijd|streefwaarde|naam)/$",
        amendments.amend,
        name="agreement_amend",
    ),
    path(f"{AGREEMENT}addenda/<int:pk>/", amendments.amendment_file, name="agreement_amendment_file"),
    # members
    path(MEMBERS, members.index, name="members"),
    path(f"{MEMBERS}inschrijven/", members.join, name="member_join"),
    path(f"{MEMBERS}voorwaarden/", members.set_conditions, name="member_conditions"),
    path(f"{MEMBERS}lijst/", member_lists.template, name="member_template"),
    path(f"{MEMBERS}inlezen/", member_lists.upload, name="member_upload"),
    path(f"{MEMBERS}inlezen/<int:pk>/", member_lists.preview, name="list_import"),
    path(f"{MEMBERS}inlezen/<int:pk>/overnemen/", member_lists.take_over, name="list_import_take_over"),
    path(f"{MEMBERS}<int:pk>/", members.change, name="member"),
    path(f"{MEMBERS}<int:pk>/onderneming/", members.change_company, name="member_company"),
    path(f"{MEMBERS}<int:pk>/verbonden/", members.add_tie, name="member_tie_add"),
    path(f"{MEMBERS}<int:pk>/verbonden/<int:tie_id>/verwijderen/", members.remove_tie, name="member_tie_remove"),
    path(f"{MEMBERS}<int:pk>/uitschrijven/", members.leave, name="member_leave"),
    # the steering group
    path(STEERING, steering.index, name="steering"),
    path(f"{STEERING}plannen/", steering.plan, name="steering_plan"),
    path(MEETING, steering.detail, name="steering_meeting"),
    path(f"{MEETING}wijzigen/", steering.change, name="steering_meeting_change"),
    path(f"{MEETING}uitnodigen/", steering.invite, name="steering_meeting_invite"),
    path(f"{MEETING}afgelasten/", steering.cancel, name="steering_meeting_cancel"),
    path(f"{MEETING}agenda/", steering.calendar, name="steering_meeting_calendar"),
    path(f"{MEETING}verslag/", steering.minutes, name="steering_meeting_minutes"),
    path(f"{MEETING}verslag/bezorgen/", steering.hand_in, name="steering_meeting_hand_in"),
    path(f"{MEETING}waarnemer/", steering.record_observer, name="steering_meeting_observer"),
    # activities and collaborations
    path(ACTIVITIES, activities.index, name="activities"),
    path(f"{ACTIVITIES}nieuw/", activities.add, name="activity_add"),
    path(f"{ACTIVITIES}<int:pk>/", activities.activity, name="activity"),
    path(f"{ACTIVITIES}<int:pk>/deelnemers/", activities.participants, name="activity_participants"),
    path(f"{ACTIVITIES}<int:pk>/verwijderen/", activities.remove, name="activity_remove"),
    path(COLLABORATIONS, collaborations.index, name="collaborations"),
    path(f"{COLLABORATIONS}nieuw/", collaborations.add, name="collaboration_add"),
    path(f"{COLLABORATIONS}<int:pk>/", collaborations.collaboration, name="collaboration"),
    path(f"{COLLABORATIONS}<int:pk>/status/", collaborations.move, name="collaboration_move"),
    path(f"{COLLABORATIONS}<int:pk>/partijen/", collaborations.add_party, name="collaboration_party_add"),
    path(
        f"{COLLABORATIONS}<int:pk>/partijen/<int:party_id>/verwijderen/",
        collaborations.remove_party,
        name="collaboration_party_remove",
    ),
    path(f"{COLLABORATIONS}projecten/nieuw/", collaborations.add_project, name="related_project_add"),
    path(f"{COLLABORATIONS}projecten/<int:pk>/", collaborations.related_project, name="related_project"),
    path(f"{COLLABORATIONS}verhalen/nieuw/", collaborations.add_story, name="success_story_add"),
    path(f"{COLLABORATIONS}verhalen/<int:pk>/", collaborations.success_story, name="success_story"),
    # what comes after
    path(FUTURE, aftermath.future, name="future"),
    path(f"{FUTURE}plan/", aftermath.plan, name="future_plan"),
    path(f"{FUTURE}eindevaluatie/", aftermath.begin, name="future_begin"),
    path(f"{FUTURE}afronden/", aftermath.conclude, name="future_conclude"),
    path(f"{FUTURE}stand/", aftermath.record, name="future_record"),
    path(f"{FUTURE}label/", aftermath.label, name="future_label"),
    # contributions
    path(CLAIMS, contributions.index, name="contributions"),
    path(f"{CLAIMS}nieuw/", contributions.enter, name="contribution_enter"),
    path(f"{CLAIMS}aanvaarden/", contributions.accept_clean, name="contributions_accept"),
    path(f"{CLAIMS}afsluiten/", contributions.close, name="contributions_close"),
    path(f"{CLAIMS}toezeggingen/", ledger.pledged, name="pledges"),
    path(f"{CLAIMS}toezeggingen/plan/", ledger.from_plan, name="pledges_from_plan"),
    path(f"{CLAIMS}lijst/", ledger.template, name="contributions_template"),
    path(f"{CLAIMS}inlezen/", ledger.upload, name="contributions_upload"),
    path(f"{CLAIMS}inlezen/<int:pk>/", ledger.preview, name="list_import_contributions"),
    path(f"{CLAIMS}inlezen/<int:pk>/overnemen/", ledger.take_over, name="list_import_contributions_take_over"),
    path(f"{CLAIMS}e-factuur/", ledger.einvoice, name="contributions_einvoice"),
    path(f"{CLAIMS}rechtzettingen/", ledger.corrections, name="ledger_corrections"),
    path(f"{CLAIMS}<int:pk>/", contributions.detail, name="contribution"),
    path(f"{CLAIMS}<int:pk>/vraag/", ledger.ask, name="contribution_ask"),
    path(f"{CLAIMS}<int:pk>/antwoord/", ledger.answer, name="contribution_answer"),
    path(f"{CLAIMS}<int:pk>/creditnota/", ledger.credit, name="contribution_credit"),
    path(f"{CLAIMS}<int:pk>/verbeteren/", contributions.change, name="contribution_change"),
    path(f"{CLAIMS}<int:pk>/verwijderen/", contributions.remove, name="contribution_remove"),
    path(f"{CLAIMS}<int:pk>/aanvaarden/", contributions.accept, name="contribution_accept"),
    path(f"{CLAIMS}<int:pk>/weigeren/", contributions.refuse, name="contribution_refuse"),
    path(f"{CLAIMS}<int:pk>/factuur/", contributions.proof, name="contribution_proof"),
    # the report
    path(REPORT, reports.report, name="report"),
    path(f"{REPORT}beginnen/", reports.begin, name="report_begin"),
    path(f"{REPORT}terugsturen/", reports.send_back, name="report_send_back"),
    path(f"{REPORT}goedkeuren/", reports.approve, name="report_approve"),
    path(f"{REPORT}pdf/", reports.paper, name="report_paper"),
    path(f"{REPORT}kosten/", report_costs.costs, name="report_costs"),
    path(f"{REPORT}kosten/rekenblad/", report_costs.template, name="report_costs_template"),
    path(f"{REPORT}kosten/<int:pk>/", report_costs.workbook, name="report_workbook"),
    path(f"{REPORT}uitstel/", extensions.ask, name="report_extension_ask"),
    path(f"{REPORT}uitstel/<int:pk>/toestaan/", extensions.grant, name="report_extension_grant"),
    path(f"{REPORT}uitstel/<int:pk>/weigeren/", extensions.refuse, name="report_extension_refuse"),
    # payments
    path("betalingen/", payments.index, name="payments"),
    path("betalingen/vrijgeven/", banking.release_several, name="release_several"),
    path("betalingen/prognose/", banking.outlook, name="outlook"),
    path("betalingen/bestanden/", banking.files, name="payment_batches"),
    path("betalingen/bestanden/<int:pk>/", banking.payment_file, name="payment_batch"),
    path("betalingen/bestanden/<int:pk>/bestand/", banking.payment_file_download, name="payment_batch_file"),
    path("betalingen/bestanden/<int:pk>/annuleren/", banking.payment_file_cancel, name="payment_batch_cancel"),
    path("betalingen/uittreksels/", banking.statements, name="bank_statements"),
    path("betalingen/uittreksels/<int:pk>/", banking.statement, name="bank_statement"),
    path("betalingen/rekeningnummers/", banking.account_changes, name="account_changes"),
    path("betalingen/rekeningnummers/<int:pk>/bevestigen/", banking.confirm_account, name="account_change_confirm"),
    path("betalingen/rekeningnummers/<int:pk>/weigeren/", banking.refuse_account, name="account_change_refuse"),
    path("betalingen/rekeningnummers/<int:pk>/bewijs/", banking.account_proof, name="account_change_proof"),
    path("betalingen/terugvorderingen/", banking.recoveries, name="recoveries"),
    path("betalingen/terugvorderingen/<int:pk>/", banking.recovery, name="recovery"),
    path("betalingen/terugvorderingen/<int:pk>/brief/", banking.recovery_letter, name="recovery_letter"),
    path(TRANCHE, payments.detail, name="tranche"),
    path(f"{TRANCHE}vrijgeven/", payments.release, name="tranche_release"),
    path(f"{TRANCHE}intrekken/", payments.withdraw, name="tranche_withdraw"),
    path(f"{TRANCHE}betaald/", payments.confirm_paid, name="tranche_paid"),
    path(f"{TRANCHE}opdracht/", payments.order, name="tranche_order"),
    path(f"{PAYMENT_YEAR}schijf/<int:number>/", payments.proposal, name="propose"),
    path(f"{PAYMENT_YEAR}schijf/<int:number>/voorstellen/", payments.propose, name="propose_do"),
    path(f"{PAYMENT_YEAR}afrekening/", settlements.settlement, name="settlement"),
    path(f"{PAYMENT_YEAR}afrekening/vastleggen/", settlements.settle, name="settle"),
]
