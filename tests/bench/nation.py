"""A nation to measure on: ``python -m tests.bench.nation URL HOME SCALE SHARE``, where SHARE of the people name three
wishes."""

import sys
from pathlib import Path

import sqlalchemy as sa

from contracts.kernel.runner import open_database
from contracts.kernel.work import SYSTEM, Work
from market.migrate import migrate
from market.seed.nation import PEOPLE, WISHES, Wishing
from market.seed.national import Size, load_nation
from market.settings import Settings
from market.user.personal import Vault


def main(url: str, home: str, scale: float, share: float) -> None:
    migrate(url)
    database = open_database(url)
    size = Size(round(PEOPLE * scale), scale, wishing=Wishing(share, WISHES))
    vault = Vault.of(Settings(Path(home), url, None, None, None))

    def load(work: Work) -> None:
        load_nation(work, vault, size=size, seed=1, progress=lambda _text: None)

    database.write(SYSTEM, load)
    with database.engine.begin() as connection:
        connection.execute(sa.text("ANALYZE"))
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4]))
