from django.urls import include, path
from django.views.generic import RedirectView

from civic.policies import cms, views

# Wagtail's own sign-in asks for the password alone; ours asks for the second factor too.
_sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns = [
    path("cms/login/", _sign_in),
    path("admin/login/", _sign_in),
    path("_util/login/", _sign_in),
    path("cms/", include(cms.urlpatterns)),
    path("documents/", include("wagtail.documents.urls")),
    path("policies/feed/", views.feed, name="policy-feed"),
    path("policies/<str:slug>/versions/", views.versions, name="policy-versions"),
    path("policies/<str:slug>/versions/<int:number>/", views.version, name="policy-version"),
    path("policies/<str:slug>/print/", views.print_pack, name="policy-print"),
    path("sitemap.xml", views.sitemap_xml, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
]
