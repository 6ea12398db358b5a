"""Looking into a graph: steps of the backward pass, paths, ``explain``, and detectors of anomalies and mistakes."""
