from django.urls import path

from civic.core import health, media, probes

# Answered earlier, by ProbeMiddleware; here they have their names.
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", probes.measures, name="metrics"),
    path("media/<path:path>", media.media, name="media"),
]
