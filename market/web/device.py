"""What somebody sits at, in a few words, so that they recognise their own sessions. The header itself is not kept."""

MAX_HEADER = 500
BROWSERS = (  # in this order: each of them also claims to be what stands below it
    ("YaBrowser/", "Yandex Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str) -> str:
    """ "Chrome, Android"; empty for what is no browser we know."""
    header = user_agent[:MAX_HEADER]
    names = (next((name for mark, name in known if mark in header), "") for known in (BROWSERS, SYSTEMS))
    return ", ".join(name for name in names if name)
