"""Filling an empty database: one lively region to look at, or the whole country to measure.

People are synthetic: invented by a seeded generator, with valid check digits, and marked synthetic in their rows.
"""
