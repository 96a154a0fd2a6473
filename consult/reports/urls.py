from django.urls import path

from consult.reports import views

urlpatterns = [
    path("consultations/<slug:slug>/result/", views.result, name="consultation-result"),
    path("consultations/<slug:slug>/result/figures.<slug:form>", views.data, name="consultation-result-data"),
]
