"""``check_engine``: the engine under test, the traps, the report, and the limits under which a trap runs."""
