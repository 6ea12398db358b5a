/* Helpers that cannot be written in Python. */

/* Add a method to a compiled class after its creation. */
static inline int set_type_attribute(PyObject *type, PyObject *name, PyObject *value) {
    if (PyDict_SetItem(((PyTypeObject *) type)->tp_dict, name, value) < 0) return -1;
    PyType_Modified((PyTypeObject *) type);
    return 0;
}

/* Set the signature of a compiled class for help() and inspect.signature(), which read it from the docstring. */
static inline int set_signature(PyObject *type, const char *signature) {
    const char *old = ((PyTypeObject *) type)->tp_doc ? ((PyTypeObject *) type)->tp_doc : "";
    size_t size = strlen(signature) + strlen(old) + 6;
    char *text = PyMem_Malloc(size);
    if (!text) { PyErr_NoMemory(); return -1; }
    PyOS_snprintf(text, size, "%s\n--\n\n%s", signature, old);
    ((PyTypeObject *) type)->tp_doc = text;
    return 0;
}

/* Clear the floating-point exception flags, apart from "inexact". NumPy reads them after each loop over an object array, and
   would warn of an infinite derivative that nobody asked for. Reading the register first is much cheaper than writing it. */
#if defined(__x86_64__) || defined(_M_X64)
#include <xmmintrin.h>
static inline int clear_flags(void) {
    unsigned int state = _mm_getcsr();
    if (state & 0x1f) _mm_setcsr(state & ~0x1fu);
    return 0;
}
#else
#include <fenv.h>
static inline int clear_flags(void) {
    int flags = FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW;
    if (fetestexcept(flags)) feclearexcept(flags);
    return 0;
}
#endif

/* Return whether the type of an item (a borrowed reference) is exactly `type`. */
static inline int has_type(void *item, PyObject *type) { return Py_TYPE((PyObject *) item) == (PyTypeObject *) type; }

/* Return the items of a list or tuple, as borrowed references. */
static inline void **items_of(PyObject *items) { return (void **) PySequence_Fast_ITEMS(items); }

/* Return the address of the floats of a contiguous array. The caller must keep the array alive. */
static inline double *numbers_of(PyObject *array) {
    static double nothing;
    Py_buffer view;
    if (PyObject_GetBuffer(array, &view, PyBUF_C_CONTIGUOUS | PyBUF_FORMAT) < 0) return NULL;
    double *numbers = view.len == 0 ? &nothing : (double *) view.buf;
    if (!view.format || strcmp(view.format, "d")) {
        PyErr_Format(PyExc_TypeError, "the array must have dtype float64, not format '%s'", view.format ? view.format : "B");
        numbers = NULL;
    }
    PyBuffer_Release(&view);
    return numbers;
}

/* Atomic counters. Everything that a thread wrote before it added to a counter is visible to a thread that reads the sum. */
#ifdef _MSC_VER
#include <intrin.h>
static inline Py_ssize_t fetch_and_add(Py_ssize_t *number, Py_ssize_t more) { /* returns the previous number */
    return (Py_ssize_t) _InterlockedExchangeAdd64((volatile __int64 *) number, more);
}
static inline Py_ssize_t fetch(Py_ssize_t *number) { return fetch_and_add(number, 0); }
#else
static inline Py_ssize_t fetch_and_add(Py_ssize_t *number, Py_ssize_t more) {
    return __atomic_fetch_add(number, more, __ATOMIC_ACQ_REL);
}
static inline Py_ssize_t fetch(Py_ssize_t *number) { return __atomic_load_n(number, __ATOMIC_ACQUIRE); }
#endif

/* Read the number up to `times` times, without sleeping, until it is at least `enough`. Return whether that is the case. */
static inline int wait_for(Py_ssize_t *number, Py_ssize_t enough, int times) {
    for (int i = 0; i < times; i++) {
        if (fetch(number) >= enough) return 1;
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#endif
    }
    return fetch(number) >= enough;
}
