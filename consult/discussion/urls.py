from django.urls import path

from consult.discussion.views import drafting, reading, speaking

urlpatterns = [
    path("consultations/<slug:slug>/", reading.consultation, name="consultation"),
    path("consultations/<slug:slug>/text/", reading.text, name="consultation-text"),
    path("consultations/<slug:slug>/clauses/<uuid:clause>/", reading.clause, name="consultation-clause"),
    path("consultations/<slug:slug>/say/", speaking.say, name="consultation-say"),
    path("consultations/<slug:slug>/draft/", drafting.draft, name="consultation-draft"),
    path("consultations/<slug:slug>/contributions/<int:pk>/", reading.contribution, name="contribution"),
    path("consultations/<slug:slug>/contributions/<int:pk>/respond/", speaking.respond, name="contribution-respond"),
    path("consultations/<slug:slug>/contributions/<int:pk>/support/", speaking.support, name="contribution-support"),
    path("consultations/<slug:slug>/contributions/<int:pk>/edit/", speaking.edit, name="contribution-edit"),
    path(
        "consultations/<slug:slug>/contributions/<int:pk>/take-back/", speaking.take_back, name="contribution-take-back"
    ),
    path("consultations/<slug:slug>/contributions/<int:pk>/versions/", reading.versions, name="contribution-versions"),
]
