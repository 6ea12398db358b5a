/* What Python has no words for. */

/* Add a method to a compiled class after it was made. */
static inline int set_type_attribute(PyObject *type, PyObject *name, PyObject *value) {
    if (PyDict_SetItem(((PyTypeObject *) type)->tp_dict, name, value) < 0) return -1;
    PyType_Modified((PyTypeObject *) type);
    return 0;
}

/* Let help() and inspect.signature() know how an object of a compiled class is made; they look at the documentation. */
static inline int set_signature(PyObject *type, const char *signature) {
    const char *old = ((PyTypeObject *) type)->tp_doc ? ((PyTypeObject *) type)->tp_doc : "";
    size_t size = strlen(signature) + strlen(old) + 6;
    char *text = PyMem_Malloc(size);
    if (!text) { PyErr_NoMemory(); return -1; }
    PyOS_snprintf(text, size, "%s\n--\n\n%s", signature, old);
    ((PyTypeObject *) type)->tp_doc = text;
    return 0;
}

/* Whether an item, given without counting a reference to it, is exactly of that type. */
static inline int has_type(void *item, PyObject *type) { return Py_TYPE((PyObject *) item) == (PyTypeObject *) type; }

/* Where the numbers of an array lie: floats, row by row. Whoever asks keeps the array alive. */
static inline double *find_numbers(PyObject *array, int flags, Py_ssize_t count) {
    static double nothing;
    Py_buffer view;
    if (PyObject_GetBuffer(array, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | flags) < 0) return NULL;
    double *numbers = view.len == 0 ? &nothing : (double *) view.buf;
    Py_ssize_t found = view.len / (Py_ssize_t) sizeof(double);
    if (!view.format || strcmp(view.format, "d")) {
        PyErr_Format(PyExc_TypeError, "an array of floats is needed, not one of format '%s'", view.format ? view.format : "B");
        numbers = NULL;
    } else if (count >= 0 && found != count) {
        PyErr_Format(PyExc_ValueError, "an array of %zd numbers is needed, one a parameter, not of %zd; "
            "for other parameters make a new optimizer", count, found);
        numbers = NULL;
    }
    PyBuffer_Release(&view);
    return numbers;
}
static inline double *numbers_of(PyObject *array) { return find_numbers(array, 0, -1); }
static inline double *numbers_to_change(PyObject *array, Py_ssize_t count) {
    return find_numbers(array, PyBUF_WRITABLE, count);
}

/* Numbers that several threads read and add to, none of them disturbing another. What a thread wrote before it added is
   there for the thread that then reads the sum. */
#ifdef _MSC_VER
#include <intrin.h>
static inline Py_ssize_t fetch_and_add(Py_ssize_t *number, Py_ssize_t more) { /* returns what it was before */
    return (Py_ssize_t) _InterlockedExchangeAdd64((volatile __int64 *) number, more);
}
static inline Py_ssize_t fetch(Py_ssize_t *number) { return fetch_and_add(number, 0); }
#else
static inline Py_ssize_t fetch_and_add(Py_ssize_t *number, Py_ssize_t more) {
    return __atomic_fetch_add(number, more, __ATOMIC_ACQ_REL);
}
static inline Py_ssize_t fetch(Py_ssize_t *number) { return __atomic_load_n(number, __ATOMIC_ACQUIRE); }
#endif

/* Look so many times, without going to sleep, whether the number is that large. Returns whether it is in the end. */
static inline int wait_for(Py_ssize_t *number, Py_ssize_t enough, int times) {
    for (int i = 0; i < times; i++) {
        if (fetch(number) >= enough) return 1;
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#endif
    }
    return fetch(number) >= enough;
}
