"""Who runs this site: what the strip, the help box and the footer say."""

from civic.settings import env

# The invented county of the demo; every number that belongs to nobody says so.
EXAMPLE = {
    "SITE_PLACE": "云澜县",
    "SITE_PLACE_EN": "Yunlan County",
    "SITE_ORGANISER": "云澜县人民政府（示例）",
    "SITE_ORGANISER_EN": "People's Government of Yunlan County (example)",
    "SITE_OPERATOR": "云澜县政务服务中心（示例）",
    "SITE_OPERATOR_EN": "Yunlan County Government Service Centre (example)",
    "SITE_HELP_PHONE": "12345",
    "SITE_HELP_PHONE_EXTENSION": "3",
    "SITE_HELP_HOURS": "每日 8:00–20:00，可以说云澜话",
    "SITE_HELP_HOURS_EN": "every day 8:00–20:00, local dialect spoken",
    "SITE_STATION": "柳荫社区帮办点",
    "SITE_STATION_EN": "Liuyin community help station",
    "SITE_STATION_ADDRESS": "柳荫巷 8 号，周一至周六 8:30–17:30",
    "SITE_STATION_ADDRESS_EN": "8 Liuyin Lane, Monday to Saturday 8:30–17:30",
    "SITE_PRIVACY_OFFICER": "政务服务中心 5522 3001（示例）",
    "SITE_PRIVACY_OFFICER_EN": "Government Service Centre, 5522 3001 (example)",
    "SITE_IDENTIFIER": "示例 0000000001",
    "SITE_IDENTIFIER_EN": "0000000001 (example)",
    "SITE_FILING": "示例 00000000 号",
    "SITE_FILING_EN": "00000000 (example)",
    "SITE_POLICE_FILING": "示例 00000000 号",
    "SITE_POLICE_FILING_EN": "00000000 (example)",
}


def identity(*, example: bool) -> dict[str, str]:
    """Return the site's identity from the environment; what is not set is the example's, or empty and not shown."""
    return {
        name.removeprefix("SITE_").lower(): env.text(name, value if example else "") for name, value in EXAMPLE.items()
    }
