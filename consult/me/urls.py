from django.urls import path

from consult.me import views

urlpatterns = [
    path("me/", views.me, name="me"),
    path("me/said/", views.said, name="me-said"),
    path("me/supported/", views.supported, name="me-supported"),
    path("me/following/", views.following, name="me-following"),
]
