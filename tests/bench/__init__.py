"""Benchmarks: each prints one JSON line and writes it to ``results/``. ``make bench`` runs all of them.

Machines are noisy, so each compares with a bare limit measured in the same run: the ratio is what counts.
"""
