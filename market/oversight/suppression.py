"""Which numbers of a table must stay hidden, so that nobody can work out one that stands for fewer than five people.

A small number is hidden; and so are others beside it (complementary suppression), until every small number could be at
least ``LEAST`` more than it is and all published sums would still be right. Whether that is so is asked of a flow: the
hidden numbers of a table with sums are the edges of a network, and what one may gain the others must be able to give.
Method: L. H. Cox, "Network models for complementary cell suppression", JASA 90 (1995).

A zero is shown: nobody stands behind it. So a reader knows that a hidden number is at least 1, and so does the flow.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

LEAST = 5  # people: a smaller number may tell a neighbour who they are
TOTAL = 2  # the column that is the sum of the two before it
_COLUMNS = (0, 1, TOTAL)
_NO_LIMIT = 10**12  # more people than there are

Cell = tuple[int, int]  # row, column
Node = tuple[str, int]


def is_small(count: int) -> bool:
    return 0 < count < LEAST


def hide_in_list(values: Sequence[int], small: Sequence[bool]) -> list[bool] | None:
    """For one column whose sum is published. None: nothing but the sum can be shown."""
    if not any(small):
        return [False] * len(values)
    hidden = list(small)
    spare = sorted((value, at) for at, value in enumerate(values) if value > 0 and not small[at])
    while not all(_given(values, hidden, at) >= LEAST for at, one in enumerate(small) if one):
        if not spare:
            return None
        hidden[spare.pop(0)[1]] = True
    return hidden


def _given(values: Sequence[int], hidden: Sequence[bool], but: int) -> int:
    """How much the other hidden numbers could be less."""
    return sum(values[at] - 1 for at, is_hidden in enumerate(hidden) if is_hidden and at != but)


def hide_in_table(parts: Sequence[tuple[int, int]], small: Sequence[tuple[bool, bool, bool]]) -> set[Cell] | None:
    """For rows of two parts and their sum, where each column's sum is published. The hidden cells as (row, column),
    column ``TOTAL`` for a row's sum. None: no set of cells protects them all."""
    table = _Table([(one, other, one + other) for one, other in parts])
    first = [(row, column) for row, flags in enumerate(small) for column, flag in enumerate(flags) if flag]
    table.hidden.update(first)
    for cell in first:
        while not table.protects(cell):
            best = min(table.ways_out(cell), default=None)
            if best is None:
                return None
            table.hidden.update(best[1])
    return table.hidden


@dataclass(slots=True)
class _Table:
    """In the network a row's sum counts as negative, so that every row adds up to nothing."""

    values: list[tuple[int, int, int]]
    hidden: set[Cell] = field(default_factory=set)

    def room(self, cell: Cell, sign: int) -> int:
        """How far a hidden number may move: up (1) or down (-1) in the network."""
        row, column = cell
        up = (sign > 0) is (column != TOTAL)
        return _NO_LIMIT if up else max(0, self.values[row][column] - 1)

    def protects(self, cell: Cell) -> bool:
        """Whether the number may be ``LEAST`` more, with the others giving way."""
        row, column = cell
        sign = -1 if column == TOTAL else 1  # which way "more" is in the network
        room = self._network(cell, sign)
        left = LEAST
        while left > 0:
            way = _way(room, ("row", row), ("column", column))
            if way is None:
                return False
            step = min(left, *(room[edge] for edge in way))
            for start, end in way:
                room[start, end] -= step
                room[end, start] = room.get((end, start), 0) + step
            left -= step
        return True

    def _network(self, but: Cell, sign: int) -> dict[tuple[Node, Node], int]:
        """From row to column the others give what ``but`` gains, from column to row they gain."""
        return {
            edge: space
            for row, column in self.hidden - {but}
            for edge, space in (
                ((("row", row), ("column", column)), self.room((row, column), -sign)),
                ((("column", column), ("row", row)), self.room((row, column), sign)),
            )
        }

    def ways_out(self, cell: Cell) -> Iterator[tuple[int, tuple[Cell, ...]]]:
        """Three more cells that close a circle with this one and have room enough, with what hiding them costs."""
        row, column = cell
        sign = -1 if column == TOTAL else 1
        for other_column in _COLUMNS:
            for other_row in range(len(self.values)):
                if other_column == column or other_row == row:
                    continue
                circle = ((row, other_column), (other_row, other_column), (other_row, column))
                moves = zip(circle, (-sign, sign, -sign), strict=True)
                if all(self.values[r][c] > 0 and self.room((r, c), move) >= LEAST for (r, c), move in moves):
                    fresh = [(r, c) for r, c in circle if (r, c) not in self.hidden]
                    yield sum(self.values[r][c] for r, c in fresh), circle


def _way(room: dict[tuple[Node, Node], int], start: Node, end: Node) -> list[tuple[Node, Node]] | None:
    """A shortest way with room on every edge."""
    came: dict[Node, Node] = {start: start}
    queue = deque([start])
    while queue and end not in came:
        here = queue.popleft()
        for (one, other), space in room.items():
            if one == here and space > 0 and other not in came:
                came[other] = here
                queue.append(other)
    if end not in came:
        return None
    way, here = [], end
    while here != start:
        way.append((came[here], here))
        here = came[here]
    return way
