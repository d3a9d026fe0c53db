"""Prepares a checkout: .venv, the locked packages, the web assets. Standard library only."""
