"""Data sets: checks of rows and targets, tables, and data sets that come with nn."""
