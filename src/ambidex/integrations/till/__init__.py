"""Tills: what was sold, returned, voided and counted at registers."""
