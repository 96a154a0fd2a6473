from django.urls import include, path

from civic.people import data_views, factor_views, views

urlpatterns = [
    path("accounts/login/", views.LoginView.as_view(), name="account_login"),
    path("accounts/signup/", views.SignupView.as_view(), name="account_signup"),
    path("me/data/", data_views.overview, name="me-data"),
    path("me/data/download/", data_views.download, name="me-data-download"),
    path("me/data/erase/", data_views.erase, name="me-data-erase"),
    path("me/data/keep/", data_views.keep, name="me-data-keep"),
    path("me/data/<slug:name>/", data_views.section, name="me-data-section"),
    path("accounts/2fa/authenticate/", factor_views.AuthenticateView.as_view(), name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", factor_views.ReauthenticateView.as_view(), name="mfa_reauthenticate"),
    path("accounts/2fa/totp/activate/", factor_views.ActivateTOTPView.as_view(), name="mfa_activate_totp"),
    path("accounts/2fa/totp/deactivate/", factor_views.DeactivateTOTPView.as_view(), name="mfa_deactivate_totp"),
    path("accounts/2fa/recovery-codes/", factor_views.ViewRecoveryCodesView.as_view(), name="mfa_view_recovery_codes"),
    path(
        "accounts/2fa/recovery-codes/generate/",
        factor_views.GenerateRecoveryCodesView.as_view(),
        name="mfa_generate_recovery_codes",
    ),
    path("accounts/", include("allauth.urls")),
]
