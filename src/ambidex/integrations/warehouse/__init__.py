"""Warehouse systems and partners: full files and delta files of what lies there."""
