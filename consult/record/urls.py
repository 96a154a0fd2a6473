from django.urls import path

from consult.record import views

urlpatterns = [
    path("history/<slug:kind>/<int:pk>/", views.history, name="history"),
    path("me/seen/", views.seen, name="me-seen"),
    path("desk/record/", views.record, name="desk-record"),
    path("desk/record/export.<slug:form>", views.export, name="desk-record-export"),
    path("desk/record/<int:pk>/", views.entry, name="desk-record-entry"),
    path("desk/people/", views.people, name="desk-people"),
    path("desk/people/<uuid:number>/", views.person, name="desk-person"),
]
