"""The formats of pictures: SVG, DOT, text, moving pictures, and those that other programs write."""
