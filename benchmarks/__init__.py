"""Figures for the budgets of the design; `make bench` prints them. No test depends on a clock."""
