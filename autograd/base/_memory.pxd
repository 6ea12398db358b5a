# The functions of _memory.h. Only value.py may include it, because it holds the memory of all Values in static variables.
cdef extern from "_memory.h":
    int manage_memory(
        object value, void *example, unsigned int *its_place, object terms, void *example_of_terms, double **its_partials
    ) except -1
    object make_node(double data)
    object make_computed(double data, int code, int kind, object a, double partial_a, object b, double partial_b)
