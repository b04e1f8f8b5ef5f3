"""Charts with numbers that can be recognised, in Kazakh."""

from market.web.pictures.job import Bars, Drawing, Histogram, Line, Look, Series, Signs

SIGNS = Signs(",", "\N{NO-BREAK SPACE}")
LETTERS = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"
STAGES = Bars(
    "Ақша қызмет түрлері бойынша",
    "миллион теңге",
    SIGNS,
    [Series("Төленді", [10.0, 20.0]), Series("Бос", [5.0, 0.0])],
    names=[f"үйдегі көмек {LETTERS}", "құқықтық көмек"],
    totals=["15 млн ₸", "20 млн ₸"],
)
TIERS = Bars(
    "Санаттар",
    "адам",
    SIGNS,
    [Series("Орын алды", [320.0, 0.0], ["320", "0"]), Series("Күтіп тұр", [45.0, 260.0], ["45", "260"])],
    names=["0-санат", "1-санат"],
    stacked=False,
)
MONTHS = Line(
    "Айлар", "адам", SIGNS, [Series("Төленді", [1500.0, float("nan"), 2500.5])], names=["қаң.", "ақп.", "нау."]
)
NEAR = Histogram("Қашықтық", "адам", SIGNS, [Series("адам", [12.0, 3.0], ["12", "3"])], [0.0, 2.5, 5.0], "км")
CHARTS = [STAGES, TIERS, MONTHS, NEAR]


def drawing(serial: int) -> Drawing:
    """Each serial another chart."""
    return Drawing(
        Bars(f"No. {serial}", "адам", SIGNS, [Series("a", [1.0 + serial])], names=["x"], totals=["1"]), Look.WIDE
    )
