from django.urls import path

from consult.voting.views import auditing, desk, objecting, observing, reading, voting

urlpatterns = [
    path("about/counting/", reading.counting_rules, name="about-counting"),
    path("polls/", reading.poll_list, name="polls"),
    path("polls/gongyi_verify.py", reading.poll_verifier, name="poll-verifier"),
    path("polls/<slug:slug>/", voting.poll, name="poll"),
    path("polls/<slug:slug>/check/", voting.poll_check, name="poll-check"),
    path("polls/<slug:slug>/receipt/", voting.poll_receipt, name="poll-receipt"),
    path("polls/<slug:slug>/receipt/file/", voting.poll_receipt_file, name="poll-receipt-file"),
    path("polls/<slug:slug>/bulletin/", reading.poll_bulletin, name="poll-bulletin"),
    path("polls/<slug:slug>/result/", reading.poll_result, name="poll-result"),
    path("polls/<slug:slug>/bundle.zip", reading.poll_bundle, name="poll-bundle"),
    path("polls/<slug:slug>/observe/", observing.poll_observe, name="poll-observe"),
    path("polls/<slug:slug>/notice/", observing.poll_notice, name="poll-notice"),
    path("polls/<slug:slug>/head.txt", observing.poll_head, name="poll-head"),
    path("polls/<slug:slug>/object/", objecting.poll_object, name="poll-object"),
    path("desk/audit/polls/", auditing.desk_audits, name="desk-audits"),
    path("desk/audit/polls/<slug:slug>/", auditing.desk_audit, name="desk-audit"),
    path("desk/audit/polls/<slug:slug>/recount/", auditing.desk_audit_recount, name="desk-audit-recount"),
    path("desk/audit/polls/<slug:slug>/receipts/", auditing.desk_audit_sample, name="desk-audit-sample"),
    path("desk/audit/polls/<slug:slug>/ballots.json", auditing.desk_audit_ballots, name="desk-audit-ballots"),
    path("desk/audit/polls/<slug:slug>/opinion/", auditing.desk_audit_opinion, name="desk-audit-opinion"),
    path("desk/polls/<slug:slug>/objections/", objecting.desk_poll_objections, name="desk-poll-objections"),
    path("desk/polls/<slug:slug>/objections/<int:number>/", objecting.desk_poll_objection, name="desk-poll-objection"),
    path("desk/polls/", desk.desk_polls, name="desk-polls"),
    path("desk/polls/new/", desk.desk_poll_new, name="desk-poll-new"),
    path("desk/polls/<slug:slug>/", desk.desk_poll, name="desk-poll"),
    path("desk/polls/<slug:slug>/edit/", desk.desk_poll_edit, name="desk-poll-edit"),
    path("desk/polls/<slug:slug>/step/", desk.desk_poll_step, name="desk-poll-step"),
]
