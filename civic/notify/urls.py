from django.urls import path

from civic.notify import intake, views

urlpatterns = [
    path("me/notices/", views.notices, name="me-notices"),
    path("me/notices/read/", views.read, name="me-notices-read"),
    path("me/notices/<int:pk>/", views.notice, name="me-notice"),
    path("me/preferences/", views.preferences, name="me-preferences"),
    path("notices/stop/<str:token>/", intake.stop, name="notices-stop"),
    path("notices/bounces/", intake.take_bounces, name="notices-bounces"),
    path("outbox/", views.show_outbox, name="outbox"),
]
