from django.urls import path

from consult.voting.views import desk, desk_pictures, desk_roll, reading, voting

urlpatterns = [
    path("polls/", reading.poll_list, name="polls"),
    path("polls/gongyi_verify.py", reading.poll_verifier, name="poll-verifier"),
    path("polls/<slug:slug>/", voting.poll, name="poll"),
    path("polls/<slug:slug>/check/", voting.poll_check, name="poll-check"),
    path("polls/<slug:slug>/receipt/", voting.poll_receipt, name="poll-receipt"),
    path("polls/<slug:slug>/receipt/file/", voting.poll_receipt_file, name="poll-receipt-file"),
    path("polls/<slug:slug>/bulletin/", reading.poll_bulletin, name="poll-bulletin"),
    path("polls/<slug:slug>/result/", reading.poll_result, name="poll-result"),
    path("polls/<slug:slug>/bundle.zip", reading.poll_bundle, name="poll-bundle"),
    path("desk/polls/", desk.desk_polls, name="desk-polls"),
    path("desk/polls/new/", desk.desk_poll_new, name="desk-poll-new"),
    path("desk/polls/<slug:slug>/", desk.desk_poll, name="desk-poll"),
    path("desk/polls/<slug:slug>/edit/", desk.desk_poll_edit, name="desk-poll-edit"),
    path("desk/polls/<slug:slug>/step/", desk.desk_poll_step, name="desk-poll-step"),
    path("desk/polls/<slug:slug>/list/", desk_roll.desk_poll_list, name="desk-poll-list"),
    path("desk/polls/<slug:slug>/add/", desk_roll.desk_poll_add, name="desk-poll-add"),
    path("desk/polls/<slug:slug>/pictures/", desk_pictures.desk_poll_pictures, name="desk-poll-pictures"),
]
