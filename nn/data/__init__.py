"""Data sets: validation of rows and targets, CSV files, and data sets for experiments."""
