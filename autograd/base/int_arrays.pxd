# The C fields and methods of Ints.
cdef class Ints:
    cdef int *items
    cdef Py_ssize_t size
    cdef Py_ssize_t capacity
    cdef int resize(self, Py_ssize_t size) except -1
    cdef int append(self, int number) except -1
    cdef int append_8(self, int a, int b, int c, int d, int e, int f, int g, int h) except -1
    cdef int extend(self, Ints other, Py_ssize_t start, Py_ssize_t count) except -1
    cdef bint equal(self, Py_ssize_t start, Ints other, Py_ssize_t first, Py_ssize_t count) noexcept
    cdef Ints copy(self)
    cdef object key(self, Py_ssize_t start, Py_ssize_t count)
    cdef int first_of_run(self, Py_ssize_t start, Py_ssize_t count, int step) noexcept
