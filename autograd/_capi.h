/* What Python has no words for. */

/* Add a method to a compiled class after it was made. */
static inline int set_type_attribute(PyObject *type, PyObject *name, PyObject *value) {
    if (PyDict_SetItem(((PyTypeObject *) type)->tp_dict, name, value) < 0) return -1;
    PyType_Modified((PyTypeObject *) type);
    return 0;
}

/* Whether an item, given without counting a reference to it, is exactly of that type. */
static inline int has_type(void *item, PyObject *type) { return Py_TYPE((PyObject *) item) == (PyTypeObject *) type; }
