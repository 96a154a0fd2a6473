"""The WSGI entry point, served by granian."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "civic.settings")
application = get_wsgi_application()

# What was just loaded stays until the process ends: searching it for garbage at every 700 new objects, of which a
# page makes tens of thousands, is work for nothing.
gc.freeze()
gc.set_threshold(20_000, 20, 100)
