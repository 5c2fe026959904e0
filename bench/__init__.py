"""The benches of the design's quality page: figures from one run on one machine, beside their comparison.

Timings are printed here and never asserted in tests.
"""
