"""The boxes of a picture, with their texts, sizes and colors."""
