"""Training: ``fit`` and its callbacks, checkpoints and history; prediction, metrics and regularization.

Read ``fit.py`` first: it lists the steps of a training run and the files that perform them.
"""
