# The C functions in _arrays.h. Their Python versions are in _arrays.py.
cdef extern from "_arrays.h":
    double *writable_floats(object array, Py_ssize_t count) except NULL
    double larger(double a, double b) noexcept
