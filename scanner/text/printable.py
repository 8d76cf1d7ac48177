"""Making hostile text harmless: what a terminal would obey or an eye would miss is shown as an escape."""

import re
from functools import cache


@cache
def _pattern() -> re.Pattern[str]:
    """What is escaped; compiled when some text is not plain already."""
    return re.compile(
        "["
        r"\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
        r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidi marks, embeddings, overrides, isolates
        r"\u2028\u2029"  # line and paragraph separators
        r"\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f"  # no width
        r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
        r"\U000e0000-\U000e0fff"  # tags, and selectors that can carry a hidden message
        r"\ud800-\udfff"  # halves of a pair
        r"\ufdd0-\ufdef\ufffe\uffff"  # noncharacters, and two more at the end of each plane
        + "".join(rf"\U{plane:04x}fffe\U{plane:04x}ffff" for plane in range(1, 17))
        + "]"
    )


def printable(text: str) -> str:
    r"""The text on one line, with `\x1b` or `\u202e` for what is no visible character; letters stay."""
    return text if _harmless(text) else _pattern().sub(_python_escape, text)


def printable_json(text: str) -> str:
    """Compact JSON in which the same characters are JSON escapes: what it says stays equal.

    Only half of a pair becomes U+FFFD: strict readers refuse a whole file for one.
    """
    return text if _harmless(text) else _pattern().sub(_json_escape, text)


def _harmless(text: str) -> bool:
    """Whether the text is printable ASCII, as nearly all is: much faster to see than a search."""
    return text.isascii() and text.isprintable()


def _python_escape(found: re.Match[str]) -> str:
    match found[0]:
        case "\n":
            return r"\n"
        case "\t":
            return r"\t"
        case "\r":
            return r"\r"
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(found: re.Match[str]) -> str:
    if "\ud800" <= found[0] <= "\udfff":
        return r"\ufffd"
    units = found[0].encode("utf-16-be").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
