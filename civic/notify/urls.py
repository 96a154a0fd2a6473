from django.urls import path

from civic.notify import views

urlpatterns = [
    path("me/notices/", views.notices, name="me-notices"),
    path("me/notices/read/", views.read, name="me-notices-read"),
    path("me/notices/<int:pk>/", views.notice, name="me-notice"),
    path("me/preferences/", views.preferences, name="me-preferences"),
    path("outbox/", views.show_outbox, name="outbox"),
]
