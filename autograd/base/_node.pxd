# The functions of _node.h. Their Python versions are in _cython.py. Those that end in `_at` take a borrowed reference.
cdef extern from "_node.h":
    double data_of(object value)
    double grad_of(object value)
    void set_data(object value, double number)
    void set_grad(object value, double number)
    void add_to_grad(object value, double number)
    double data_at "data_of"(void *value)
    double grad_at "grad_of"(void *value)
    void set_data_at "set_data"(void *value, double number)
    void set_grad_at "set_grad"(void *value, double number)
    void add_to_grad_at "add_to_grad"(void *value, double number)
