"""Addresses of the letters of intent; `applications.urls` includes them."""

from django.urls import URLPattern, path

from applications.views import company_letter, inviting, letter_lists, letter_overlap, letters, spearheads

B = "dossiers/<slug:number>/brieven/"

urlpatterns: list[URLPattern] = [
    path(B, letters.letter_list, name="letters"),
    path(f"{B}nieuw/", letters.letter_add, name="letter_add"),
    path(f"{B}opladen/", letters.letters_upload, name="letters_upload"),
    path(f"{B}opgeladen/nieuwe-brieven/", letters.uploads_start, name="uploads_start"),
    path(f"{B}opgeladen/<int:letter_upload_id>/koppelen/", letters.upload_pair, name="upload_pair"),
    path(f"{B}opgeladen/<int:letter_upload_id>/verwijderen/", letters.upload_discard, name="upload_discard"),
    path(f"{B}opgeladen/<int:letter_upload_id>/bestand/", letters.upload_file, name="upload_file"),
    path(f"{B}<int:letter_id>/", letters.letter_edit, name="letter"),
    path(f"{B}<int:letter_id>/verwijderen/", letters.letter_remove, name="letter_remove"),
    path(f"{B}<int:letter_id>/opnieuw/", letters.letter_renew, name="letter_renew"),
    path(f"{B}<int:letter_id>/bestand/", letters.letter_file, name="letter_file"),
    path(f"{B}<int:letter_id>/uitnodigen/", inviting.invite, name="letter_invite"),
    path(f"{B}uitnodigen/", inviting.invite_all, name="letters_invite"),
    path(f"{B}opnieuw-uitnodigen/", inviting.invite_again, name="letters_invite_again"),
    path(f"{B}herinneren/", inviting.remind_all, name="letters_remind"),
    path(f"{B}uitnodigingen/<int:letter_invitation_id>/herinneren/", inviting.remind, name="letter_remind_one"),
    path(f"{B}uitnodigingen/<int:letter_invitation_id>/intrekken/", inviting.revoke, name="letter_link_revoke"),
    path(f"{B}lijst/", letter_lists.list_upload, name="letter_list"),
    path(f"{B}lijst/sjabloon/", letter_lists.list_template, name="letter_list_template"),
    path(f"{B}lijst/<int:letter_import_id>/", letter_lists.letter_import, name="letter_import"),
    path("behandeling/speerpuntclusters/", spearheads.spearhead_lists, name="spearheads"),
    path("behandeling/speerpuntclusters/bewaren/", spearheads.spearhead_keep, name="spearhead_keep"),
    path("behandeling/speerpuntclusters/<int:pk>/", spearheads.spearhead_list_page, name="spearhead_list"),
    path("behandeling/<slug:number>/brieven/", letter_overlap.letter_evidence_page, name="letter_evidence"),
    path("brief/<str:token>/", company_letter.company_letter, name="company_letter"),
    path("brief/<str:token>/weigeren/", company_letter.company_decline, name="company_decline"),
]
