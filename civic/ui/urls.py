from django.urls import path

from civic.ui import views

urlpatterns = [
    path("favicon.ico", views.favicon, name="favicon"),
    path("prefs/language/<str:code>/", views.set_language, name="prefs-language"),
    path("prefs/elder/<str:choice>/", views.set_elder, name="prefs-elder"),
    path("prefs/theme/<str:theme>/", views.set_theme, name="prefs-theme"),
    path("help/", views.get_help, name="help"),
    path("about/real-site/", views.about, {"template": "about/real_site.html"}, name="about-real-site"),
    path("about/privacy/", views.about, {"template": "about/privacy.html"}, name="about-privacy"),
    path("about/accessibility/", views.about, {"template": "about/accessibility.html"}, name="about-accessibility"),
    path("gallery/", views.gallery, {"template": "ui/gallery.html"}, name="gallery"),
    path("gallery/desk/", views.gallery, {"template": "ui/gallery_desk.html"}, name="gallery-desk"),
]
