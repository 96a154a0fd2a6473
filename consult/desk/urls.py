from django.urls import path

from consult.desk.views import answering, concluding, moderating, opening, worklist

urlpatterns = [
    path("desk/", worklist.desk, name="desk"),
    path("desk/consultations/", worklist.consultations, name="desk-consultations"),
    path("desk/open/", opening.consultation_new, name="desk-consultation-new"),
    path("desk/consultations/<slug:slug>/", answering.consultation, name="desk-consultation"),
    path("desk/consultations/<slug:slug>/edit/", opening.consultation_edit, name="desk-consultation-edit"),
    path("desk/consultations/<slug:slug>/announce/", opening.consultation_announce, name="desk-consultation-announce"),
    path("desk/consultations/<slug:slug>/extend/", opening.consultation_extend, name="desk-consultation-extend"),
    path("desk/consultations/<slug:slug>/withdraw/", opening.consultation_withdraw, name="desk-consultation-withdraw"),
    path("desk/consultations/<slug:slug>/conclude/", concluding.conclude, name="desk-conclude"),
    path("desk/consultations/<slug:slug>/answers/new/", answering.reply_new, name="desk-reply-new"),
    path("desk/answers/<int:pk>/", answering.reply, name="desk-reply"),
    path("desk/answers/<int:pk>/submit/", answering.reply_submit, name="desk-reply-submit"),
    path("desk/answers/<int:pk>/approve/", answering.reply_approve, name="desk-reply-approve"),
    path("desk/answers/<int:pk>/return/", answering.reply_return, name="desk-reply-return"),
    path("desk/answers/<int:pk>/drop/", answering.reply_drop, name="desk-reply-drop"),
    path("desk/consultations/<slug:slug>/slow/", moderating.slow_mode, name="desk-consultation-slow"),
    path("desk/moderation/", moderating.queue, name="desk-moderation"),
    path("desk/moderation/<int:pk>/", moderating.case, name="desk-moderation-case"),
    path("desk/moderation/appeals/", moderating.appeals, name="desk-moderation-appeals"),
    path("desk/moderation/appeals/<int:pk>/", moderating.appeal, name="desk-moderation-appeal"),
    path("desk/moderation/bulk/", moderating.bulk, name="desk-moderation-bulk"),
    path("desk/moderation/bulk/<int:pk>/undo/", moderating.bulk_undo, name="desk-moderation-undo"),
]
