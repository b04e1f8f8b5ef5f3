"""The commands of ``python -m market``, one module each, loaded by name when asked for.

A command module has ``HELP``, ``configure(parser)`` and ``run(arguments, settings) -> Outcome``.
"""
