"""Whether a few requests fit together, by trying everything: the check of a witness that no count alone can confirm."""

from matching.instance import Instance

# beyond this many placements tried the answer is "not shown"
MAX_TRIES = 200_000


class TooMany(Exception):
    """The search was given up."""


def fit_together(instance: Instance, requests: list[int]) -> bool:
    """Whether these requests can all be served at once, with nobody else there. Raises `TooMany`."""
    return _Search(instance, requests).place(0)


class _Search:
    def __init__(self, instance: Instance, requests: list[int]) -> None:
        self.instance = instance
        choices = instance.first_arc[1:] - instance.first_arc[:-1]
        self.requests = sorted(requests, key=lambda at: (int(choices[at]), -int(instance.size[at])))
        self.free = instance.capacity.tolist()
        self.money = instance.budget_limit.tolist()
        self.provider: dict[int, int] = {}
        self.tries = 0

    def place(self, depth: int) -> bool:
        if depth == len(self.requests):
            return True
        request = self.requests[depth]
        for arc in range(int(self.instance.first_arc[request]), int(self.instance.first_arc[request + 1])):
            self.tries += 1
            if self.tries > MAX_TRIES:
                raise TooMany
            if self.open(request, arc) and self.place_at(request, arc, depth):
                return True
        return False

    def open(self, request: int, arc: int) -> bool:
        slot = int(self.instance.arc_slot[arc])
        provider = self.provider.get(self.group(request))
        return (
            self.free[slot] >= self.instance.size[request]
            and provider in {None, int(self.instance.providers[slot])}
            and all(left >= spend for left, spend in zip(self.money, self.instance.spend[:, arc], strict=True))
        )

    def place_at(self, request: int, arc: int, depth: int) -> bool:
        """Take the arc, go on, and put everything back."""
        slot, size = int(self.instance.arc_slot[arc]), int(self.instance.size[request])
        spend, group = self.instance.spend[:, arc].tolist(), self.group(request)
        first_of_group = group >= 0 and group not in self.provider
        if first_of_group:
            self.provider[group] = int(self.instance.providers[slot])
        self.free[slot] -= size
        self.money = [left - amount for left, amount in zip(self.money, spend, strict=True)]
        fits = self.place(depth + 1)
        self.free[slot] += size
        self.money = [left + amount for left, amount in zip(self.money, spend, strict=True)]
        if first_of_group:
            del self.provider[group]
        return fits

    def group(self, request: int) -> int:
        return -1 if self.instance.group is None else int(self.instance.group[request])
