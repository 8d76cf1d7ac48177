"""The address of a history, and what of it may be shown. Nothing here loads a database's driver."""

import re

_QUERY_SECRET = re.compile(r"([?&][^=&]*(?:pass|secret|token|key)[^=&]*=)[^&]*", re.IGNORECASE)
_HOST_FORGOTTEN = re.compile(r"[^/?\[]*:(?!\d*(?:[/?]|$))")
"""A user and a password, and nothing after them: what stands behind the colon is no port."""
HIDDEN = "***"


def shown(url: str) -> str:
    """The address without its password, wherever it stands; also where it is no proper address."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        scheme, rest = "", url
    if scheme.lower().startswith("sqlite"):
        return url
    user_info, at, place = rest.rpartition("@")
    user, colon, _ = user_info.partition(":")
    if at and colon:
        rest = f"{user}:{HIDDEN}@{place}"
    elif not at and _HOST_FORGOTTEN.match(rest):
        rest = f"{rest.partition(':')[0]}:{HIDDEN}"
    return _QUERY_SECRET.sub(rf"\1{HIDDEN}", f"{scheme}{separator}{rest}")
