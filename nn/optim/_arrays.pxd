# The C function in _arrays.h. Its Python version is in _arrays.py.
cdef extern from "_arrays.h":
    double *writable_floats(object array, Py_ssize_t count) except NULL
