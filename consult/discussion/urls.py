from django.urls import path

from consult.discussion import views

urlpatterns = [
    path("consultations/<slug:slug>/", views.consultation, name="consultation"),
    path("consultations/<slug:slug>/text/", views.text, name="consultation-text"),
    path("consultations/<slug:slug>/clauses/<uuid:clause>/", views.clause, name="consultation-clause"),
    path("consultations/<slug:slug>/say/", views.say, name="consultation-say"),
    path("consultations/<slug:slug>/draft/", views.draft, name="consultation-draft"),
    path("consultations/<slug:slug>/contributions/<int:pk>/", views.contribution, name="contribution"),
    path("consultations/<slug:slug>/contributions/<int:pk>/respond/", views.respond, name="contribution-respond"),
    path("consultations/<slug:slug>/contributions/<int:pk>/support/", views.support, name="contribution-support"),
    path("consultations/<slug:slug>/contributions/<int:pk>/edit/", views.edit, name="contribution-edit"),
    path("consultations/<slug:slug>/contributions/<int:pk>/take-back/", views.take_back, name="contribution-take-back"),
    path("consultations/<slug:slug>/contributions/<int:pk>/versions/", views.versions, name="contribution-versions"),
]
