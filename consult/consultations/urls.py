from django.urls import path

from consult.consultations import views

urlpatterns = [
    path("consultations/", views.consultation_list, name="consultations"),
    path("consultations/<slug:slug>/follow/", views.follow, name="consultation-follow"),
]
