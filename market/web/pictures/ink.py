"""What charts are drawn in: six inks that differ in pattern before they differ in colour, twice, for paper and for the
night. Every ink stands out from its ground by 3 to 1 or more."""

from html import escape

from market.web.pictures.job import Look

# by ink: colour on white, colour on black
COLOURS = (
    ("#12436d", "#ffffff"), ("#1c7a72", "#ffe500"), ("#801650", "#9dff9d"),
    ("#b84300", "#7fdfff"), ("#3d3d3d", "#ffb3b3"), ("#50398f", "#d9c8ff"),
)  # fmt: skip
GROUND = ("#ffffff", "#000000")
TEXT = ("#0b0c0c", "#ffffff")
FAINT = ("#b1b4b6", "#6f777b")  # rules and ticks, which tell nothing by themselves
DASHES = ([1, 0], [8, 4], [2, 4], [12, 4, 2, 4], [6, 2], [2, 2])
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down")
MEASURED = "Liberation Sans"  # the drawing program carries it, so every machine measures texts alike
SHOWN = "&quot;Noto Sans&quot;, Arial, sans-serif"  # in a picture a page's own typeface is not to be had
_PATTERNS = (
    "",
    '<path d="M-2,2l4,-4M0,8l8,-8M6,10l4,-4" stroke="{ink}" stroke-width="2.4"/>',
    '<circle cx="4" cy="4" r="2.2" fill="{ink}"/>',
    '<path d="M0,2h8M0,6h8" stroke="{ink}" stroke-width="1.8"/>',
    '<path d="M0,0l8,8M0,8l8,-8" stroke="{ink}" stroke-width="1.4"/>',
    "",
)


def colours(look: Look) -> list[str]:
    return [pair[look.contrast] for pair in COLOURS]


def fills() -> list[str]:
    """By ink; the patterns are defined by ``finish``."""
    return [f"url(#ink{number})" for number in range(len(COLOURS))]


def finish(svg: str, title: str, look: Look) -> bytes:
    """The patterns, the typeface and the title put in."""
    ground = GROUND[look.contrast]
    patterns = "".join(
        f'<pattern id="ink{number}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<rect width="8" height="8" fill="{ground if number else ink}"/>{lines.format(ink=ink)}</pattern>'
        for number, (ink, lines) in enumerate(zip(colours(look), _PATTERNS, strict=True))
    )
    head, _end, body = svg.partition(">")
    body = body.replace(f'font-family="{MEASURED}"', f'font-family="{SHOWN}"')
    return f'{head} role="img"><title>{escape(title)}</title><defs>{patterns}</defs>{body}'.encode()
