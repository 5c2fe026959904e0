"""Signing in, and switching the person at a shared device by PIN."""
