/* Helpers that cannot be written in Python. */

/* Add a method to a compiled class after its creation. */
static inline int set_type_attribute(PyObject *type, PyObject *name, PyObject *value) {
    if (PyDict_SetItem(((PyTypeObject *) type)->tp_dict, name, value) < 0) return -1;
    PyType_Modified((PyTypeObject *) type);
    return 0;
}

/* Let a compiled function of `count` positional arguments (1 or 2) call `complain(function, count, arguments, keywords)`, which
   raises an error, if it gets any others. The error that Cython raises has the name of the inner function and no remedy. The check
   replaces the check of Cython, so that a call costs no more than before. */
static PyObject *complain_about_arguments;

static PyObject *refuse_arguments(PyObject *function, Py_ssize_t count, PyObject *const *args, Py_ssize_t given, PyObject *names) {
    PyObject *arguments = PyTuple_New(given), *keywords = names ? Py_NewRef(names) : PyTuple_New(0), *result = NULL;
    if (arguments && keywords) {
        for (Py_ssize_t i = 0; i < given; i++) PyTuple_SET_ITEM(arguments, i, Py_NewRef(args[i]));
        result = PyObject_CallFunction(complain_about_arguments, "OnOO", function, count, arguments, keywords);
    }
    Py_XDECREF(arguments);
    Py_XDECREF(keywords);
    return result;
}

static PyObject *call_with_one(PyObject *function, PyObject *const *args, size_t flags, PyObject *names) {
    if (PyVectorcall_NARGS(flags) != 1 || names) return refuse_arguments(function, 1, args, PyVectorcall_NARGS(flags), names);
    return ((PyCFunctionObject *) function)->m_ml->ml_meth(function, args[0]);
}

static PyObject *call_with_two(PyObject *function, PyObject *const *args, size_t flags, PyObject *names) {
    if (PyVectorcall_NARGS(flags) != 2 || names) return refuse_arguments(function, 2, args, PyVectorcall_NARGS(flags), names);
    return ((_PyCFunctionFastWithKeywords) (void (*)(void)) ((PyCFunctionObject *) function)->m_ml->ml_meth)(function, args, 2, NULL);
}

static inline PyObject *check_arguments(PyObject *function, Py_ssize_t count, PyObject *complain) {
    vectorcallfunc *call = (vectorcallfunc *) ((char *) function + Py_TYPE(function)->tp_vectorcall_offset);
    int flags = ((PyCFunctionObject *) function)->m_ml->ml_flags & (METH_O | METH_FASTCALL | METH_KEYWORDS);
    if (!PyVectorcall_Function(function)) return Py_NewRef(function);
    Py_XSETREF(complain_about_arguments, Py_NewRef(complain));
    if (count == 1 && flags == METH_O) *call = call_with_one;
    if (count == 2 && flags == (METH_FASTCALL | METH_KEYWORDS)) *call = call_with_two;
    return Py_NewRef(function);
}

/* After `type(...)` has failed with a TypeError, call `complain(arguments, keywords)`, which may raise an error that says more. A
   successful call costs nothing. Cython creates objects by tp_vectorcall or, in older versions, by tp_init. */
static PyObject *complain_about_creation;
static vectorcallfunc create_unchecked;
static initproc init_unchecked;

/* Replace the error that is set. The reference to `arguments` is stolen. */
static void explain_creation(PyObject *arguments, PyObject *names) {
    PyObject *type, *value, *traceback, *result = NULL;
    if (!PyErr_ExceptionMatches(PyExc_TypeError)) { Py_XDECREF(arguments); return; }
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *keywords = names ? PySequence_Tuple(names) : PyTuple_New(0);
    if (arguments && keywords) result = PyObject_CallFunctionObjArgs(complain_about_creation, arguments, keywords, NULL);
    if (result) PyErr_Restore(type, value, traceback);
    else { Py_XDECREF(type); Py_XDECREF(value); Py_XDECREF(traceback); }
    Py_XDECREF(result);
    Py_XDECREF(keywords);
    Py_XDECREF(arguments);
}

static int init_checked(PyObject *self, PyObject *args, PyObject *names) {
    int result = init_unchecked(self, args, names);
    if (result < 0) explain_creation(Py_NewRef(args), names);
    return result;
}

static PyObject *create_checked(PyObject *type, PyObject *const *args, size_t flags, PyObject *names) {
    PyObject *result = create_unchecked(type, args, flags, names);
    if (result) return result;
    PyObject *kind, *value, *traceback;
    PyErr_Fetch(&kind, &value, &traceback);
    PyObject *arguments = PyTuple_New(PyVectorcall_NARGS(flags));
    for (Py_ssize_t i = 0; arguments && i < PyVectorcall_NARGS(flags); i++) PyTuple_SET_ITEM(arguments, i, Py_NewRef(args[i]));
    PyErr_Restore(kind, value, traceback);
    explain_creation(arguments, names);
    return NULL;
}

static inline int check_init(PyObject *object, PyObject *complain) {
    PyTypeObject *type = (PyTypeObject *) object;
    complain_about_creation = Py_NewRef(complain);
    init_unchecked = type->tp_init;
    create_unchecked = type->tp_vectorcall;
    type->tp_init = init_checked;
    if (create_unchecked) type->tp_vectorcall = create_checked;
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

/* Return whether a list, tuple or dict holds the same objects as a tuple, which has the keys and values of a dict in turn. Only
   the pointers are read, and not the objects. */
static inline int have_same_items(PyObject *container, PyObject *before) {
    Py_ssize_t count = PyTuple_GET_SIZE(before);
    if (!PyDict_Check(container)) {
        if (PySequence_Fast_GET_SIZE(container) != count) return 0;
        return !count || !memcmp(items_of(container), items_of(before), count * sizeof(void *));
    }
    if (2 * PyDict_GET_SIZE(container) != count) return 0;
    Py_ssize_t position = 0;
    PyObject *key, *value;
    for (void **item = items_of(before); PyDict_Next(container, &position, &key, &value); item += 2)
        if (key != item[0] || value != item[1]) return 0;
    return 1;
}

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

/* Return the bits of a number, as an integer. */
static inline long long bits_of(double number) {
    long long bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
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
