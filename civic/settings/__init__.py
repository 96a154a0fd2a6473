"""Settings chosen by ``GONGYI_ENV``: local (default), test or production."""

from civic.settings import env

match env.choice("GONGYI_ENV", ("local", "test", "production"), default="local"):
    case "test":
        from civic.settings.test import *  # noqa: F403
    case "production":
        from civic.settings.production import *  # noqa: F403
    case _:
        from civic.settings.local import *  # noqa: F403
