from django.urls import path

from civic.access import views

urlpatterns = [
    path("me/sessions/", views.my_sessions, name="me-sessions"),
    path("me/sessions/end/", views.end_other_sessions, name="me-sessions-end-others"),
    path("me/sessions/<int:pk>/end/", views.end_session, name="me-session-end"),
]
