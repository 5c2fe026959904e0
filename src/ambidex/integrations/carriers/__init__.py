"""Carriers: labels bought and taken back over HTTP."""
