from django.urls import path

from consult.opinions import views

urlpatterns = [
    path("consultations/<slug:slug>/statements/", views.statements, name="consultation-statements"),
    path("consultations/<slug:slug>/statements/<int:number>/", views.statement, name="consultation-statement"),
]
