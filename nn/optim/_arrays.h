/* The address of the floats of a writable contiguous array of `count` elements. The caller must keep the array alive. */
static inline double *writable_floats(PyObject *array, Py_ssize_t count) {
    static double nothing;
    Py_buffer view;
    if (PyObject_GetBuffer(array, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | PyBUF_WRITABLE) < 0) return NULL;
    double *floats = view.len == 0 ? &nothing : (double *) view.buf;
    Py_ssize_t found = view.len / (Py_ssize_t) sizeof(double);
    if (!view.format || strcmp(view.format, "d")) {
        PyErr_Format(PyExc_TypeError, "the array must have dtype float64, not format '%s'", view.format ? view.format : "B");
        floats = NULL;
    } else if (found != count) {
        PyErr_Format(PyExc_ValueError, "the array must have one number per parameter, here %zd, not %zd; "
            "create a new optimizer for others", count, found);
        floats = NULL;
    }
    PyBuffer_Release(&view);
    return floats;
}

/* The larger number. If one is nan, the result is nan. */
static inline double larger(double a, double b) {
    return a > b || a != a ? a : b;
}
