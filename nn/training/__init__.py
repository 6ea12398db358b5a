"""The training loop `fit` and everything that it uses."""
