# What _memory.h has for value.py, the only file that may include it: it keeps the memory of all Values.
cdef extern from "_memory.h":
    void manage_memory(object value, object terms, void *example, double **partials_of_example)
