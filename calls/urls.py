"""Addresses of the calls."""

from django.urls import path

from calls.views import deadlines, enquiries, prediscussions, public

app_name = "calls"

urlpatterns = [
    path("oproepen/", public.call_list, name="list"),
    path("oproepen/<slug:code>/", public.call_detail, name="detail"),
    path("oproepen/<slug:code>/vragen/", public.call_questions, name="questions"),
    path("oproepen/<slug:code>/sjabloon/<int:paper_id>/", public.paper_file, name="paper"),
    path("oproepen/<slug:code>/vraag/", enquiries.ask, name="enquiry_ask"),
    path("oproepen/<slug:code>/termijn/<int:phase>/", deadlines.extend, name="extend"),
    path("oproepen/<slug:code>/voorbespreking/", prediscussions.ask, name="prediscussion_ask"),
    path("oproepen/<slug:code>/voorbesprekingen/momenten/", prediscussions.slots, name="prediscussion_slots"),
    path("behandeling/vragen/", enquiries.index, name="enquiries"),
    path("behandeling/vragen/<int:pk>/", enquiries.enquiry, name="enquiry"),
    path("behandeling/vragen/<int:pk>/antwoord/", enquiries.answer, name="enquiry_answer"),
    path("behandeling/vragen/<int:pk>/publiceren/", enquiries.publish, name="enquiry_publish"),
    path("behandeling/vragen/<int:pk>/intrekken/", enquiries.withdraw, name="enquiry_withdraw"),
    path("behandeling/vragen/<int:pk>/zonder-antwoord/", enquiries.set_aside, name="enquiry_set_aside"),
    path("voorbesprekingen/", prediscussions.index, name="prediscussions"),
    path("voorbesprekingen/<int:pk>/", prediscussions.prediscussion, name="prediscussion"),
    path("voorbesprekingen/<int:pk>/bestand/", prediscussions.file, name="prediscussion_file"),
    path("voorbesprekingen/<int:pk>/afspraak.ics", prediscussions.appointment, name="prediscussion_appointment"),
    path("voorbesprekingen/<int:pk>/plannen/", prediscussions.plan, name="prediscussion_plan"),
    path("voorbesprekingen/<int:pk>/advies/", prediscussions.advise, name="prediscussion_advise"),
    path("voorbesprekingen/<int:pk>/intrekken/", prediscussions.withdraw, name="prediscussion_withdraw"),
]
