from django.urls import path

from consult.moderation import views

urlpatterns = [
    path("consultations/<slug:slug>/contributions/<int:pk>/report/", views.report, name="contribution-report"),
    path("consultations/<slug:slug>/contributions/<int:pk>/appeal/", views.appeal, name="contribution-appeal"),
    path("moderation/", views.public_counts, name="moderation"),
    path("moderation/rules/", views.house_rules, name="house-rules"),
]
