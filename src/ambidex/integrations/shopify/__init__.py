"""Shopify: its signature, its shapes (Admin API and webhooks, 2026-07), its HTTP interface."""
