"""What every part of nn uses: checks of arguments, random generators, and classes with validated options."""
