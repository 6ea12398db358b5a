"""The positions of boxes and the paths of edges."""
