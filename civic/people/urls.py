from django.urls import include, path

from civic.people import data_views, views

urlpatterns = [
    path("accounts/login/", views.LoginView.as_view(), name="account_login"),
    path("accounts/signup/", views.SignupView.as_view(), name="account_signup"),
    path("me/data/", data_views.overview, name="me-data"),
    path("me/data/download/", data_views.download, name="me-data-download"),
    path("me/data/erase/", data_views.erase, name="me-data-erase"),
    path("me/data/keep/", data_views.keep, name="me-data-keep"),
    path("me/data/<slug:name>/", data_views.section, name="me-data-section"),
    path("accounts/", include("allauth.urls")),
]
