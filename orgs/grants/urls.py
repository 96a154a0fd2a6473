from django.urls import path

from orgs.grants import views

urlpatterns = [
    path("grants/", views.grants, name="grants"),
    path("powers/", views.powers, name="powers"),
    path("desk/grants/", views.given, name="desk-grants"),
    path("desk/grants/give/<slug:slug>/", views.give, name="desk-grant-new"),
    path("desk/grants/<int:pk>/end/", views.end, name="desk-grant-end"),
    path("desk/more/", views.more, name="desk-more"),
]
