from django.urls import path

from consult.voting.views import desk, meeting, reading, voting

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
    path("polls/<slug:slug>/minutes/", meeting.poll_minutes, name="poll-minutes"),
    path("polls/<slug:slug>/witness/", meeting.poll_witness, name="poll-witness"),
    path("desk/meetings/new/", meeting.desk_meeting_new, name="desk-meeting-new"),
    path("desk/meetings/<slug:slug>/", meeting.desk_meeting, name="desk-meeting"),
    path("desk/meetings/<slug:slug>/edit/", meeting.desk_meeting_edit, name="desk-meeting-edit"),
    path("desk/meetings/<slug:slug>/step/", meeting.desk_meeting_step, name="desk-meeting-step"),
    path("desk/polls/", desk.desk_polls, name="desk-polls"),
    path("desk/polls/new/", desk.desk_poll_new, name="desk-poll-new"),
    path("desk/polls/<slug:slug>/", desk.desk_poll, name="desk-poll"),
    path("desk/polls/<slug:slug>/edit/", desk.desk_poll_edit, name="desk-poll-edit"),
    path("desk/polls/<slug:slug>/step/", desk.desk_poll_step, name="desk-poll-step"),
]
