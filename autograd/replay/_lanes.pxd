# The replay kernels used by interpreter.py and executor.py. _lanes.py implements them in Python.
cdef extern from "_kernels.h":
    pass
cdef extern from "_lanes.h" nogil:
    ctypedef struct Lanes:
        int width
        const Lanes *one_lane
        void (*forward1)(int code, double *v, int out, int x, long n) noexcept nogil
        void (*forward2)(int code, double *v, int out, int x, int y, long n) noexcept nogil
        void (*give1)(int code, double *a, const double *v, int target, int sender, int out, int x, long n) noexcept nogil
        void (*forward1_keep)(int code, double *v, int out, int x, long n) noexcept nogil
        void (*give1_kept)(int code, double *a, const double *v, int target, int sender, int out, int x, long n) noexcept nogil
        void (*give2x)(int code, double *a, const double *v, int target, int sender, int out, int x, int y, long n) noexcept nogil
        void (*give2y)(int code, double *a, const double *v, int target, int sender, int out, int x, int y, long n) noexcept nogil
        void (*reached2x)(int code, double *a, const double *v, int target, int sender, int out, int x, int y, long n) noexcept nogil
        void (*reached2y)(int code, double *a, const double *v, int target, int sender, int out, int x, int y, long n) noexcept nogil
        void (*neuron)(double *v, const int *terms, int start, int count, int out, int bias, long n) noexcept nogil
        void (*dot)(double *v, const int *terms, int start, int count, int out, int bias, long n, int wide) noexcept nogil
        void (*neuron_back)(double *a, const double *v, const int *terms, int start, const int *targets, int first, int count, int sender, int to_bias, long n) noexcept nogil
        void (*dot_back)(double *a, const double *v, const int *terms, int start, const int *targets, int first, int count, int sender, int to_bias, long n, int wide_values, int wide_adjoints) noexcept nogil
        void (*layer)(double *v, const int *terms, const int *code, int first, int size, long n) noexcept nogil
        void (*layer_back)(double *a, const double *v, const int *terms, const int *targets, const int *code, int first, int size, long n) noexcept nogil
        void (*run)(double *v, int w, int x, int count, int out, int bias) noexcept nogil
        void (*run_back)(double *a, const double *v, int w, int x, int to_w, int to_x, int count, int sender, int to_bias) noexcept nogil
        double (*sum_lanes)(const double *x, int start, long n) noexcept nogil
        void (*copy)(double *to, long start, const double *source, long first, double zero, long n) noexcept nogil
    const Lanes *choose_lanes(int widest, int exact)
ctypedef const Lanes *Kernels
