# The hand-written C, and the kinds of nodes as C constants. Their Python versions are in _cython.py.
cdef enum:
    LEAF = 0  # no operands
    NODE = 1  # one or two operands, in _a and _b
    TERMS = 2  # a sum of any number of terms: in _b, the Terms
    CUT = 3  # like NODE, but a closed gate: it passes no gradient, and traversals for gradients do not enter it
    ROW = 4  # a dot: in _a the bias, and in _b the Rows that contain its row
    BLOCKS_A = 5  # like NODE, but it passes no gradient to _a, such as maximum if b is larger
    BLOCKS_B = 6  # the same for _b
    BLOCKS = 7  # the same for all operands, such as relu of a negative number

cdef enum:
    WATCHED = 2  # the recording mode in which watchers must see each node; 0 is off, 1 is on

cdef enum:
    HAS_ADJOINT = 0xFFFFFFFE  # the place of a node that has received a contribution, during backward

cdef extern from "_capi.h":
    Py_ssize_t fetch(Py_ssize_t *number) nogil
    Py_ssize_t fetch_and_add(Py_ssize_t *number, Py_ssize_t more) nogil
    bint wait_for(Py_ssize_t *number, Py_ssize_t enough, int times) nogil
    int clear_flags() nogil
    int set_signature(object type, const char *signature) except -1
    object check_arguments(object function, Py_ssize_t count, object complain)
    int check_init(object type, object complain) except -1
    int set_type_attribute(object type, object name, object value) except -1
    bint has_type(void *item, object type)
    void *item_of "PyTuple_GET_ITEM"(tuple items, Py_ssize_t i)  # a borrowed reference, for hot loops
    void **items_of(object items)
    bint have_same_items(object container, object before)
    double *numbers_of(object array) except NULL
    long long bits_of(double number) nogil
