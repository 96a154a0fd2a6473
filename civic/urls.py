"""Every address of the site.  Sub-apps are joined by string."""

from django.urls import include, path

handler400 = "civic.ui.errors.bad_request"
handler403 = "civic.ui.errors.forbidden"
handler404 = "civic.ui.errors.not_found"
handler429 = "civic.core.limits.too_often"  # asked for by allauth
handler500 = "civic.ui.errors.server_error"

urlpatterns: list = [
    # Looked through from the top: first what is asked most.
    path("", include("consult.discussion.urls")),
    path("", include("consult.voting.urls")),
    path("", include("civic.core.urls")),
    path("", include("civic.ui.urls")),
    path("", include("search.urls")),
    path("", include("civic.people.urls")),
    path("", include("civic.access.urls")),
    path("", include("civic.notify.urls")),
    path("", include("orgs.grants.urls")),
    path("", include("consult.consultations.urls")),
    path("", include("consult.opinions.urls")),
    path("", include("consult.moderation.urls")),
    path("", include("consult.reports.urls")),
    path("", include("consult.desk.urls")),
    path("", include("consult.me.urls")),
    path("", include("consult.record.urls")),
    path("", include("civic.policies.urls")),
    # Takes every other address: keep it last.
    path("", include("wagtail.urls")),
]
