/* The replay kernels, compiled for several vector widths. The widest version that the processor supports is chosen at run
   time. Therefore a build runs on every processor of its architecture. Results are bit for bit the same for all widths. */
#include <math.h>
#include <string.h>
#include "_vector_math.h"

#define MAX_LANES 512 /* at least MAX_LANES of autograd/compiler/layout.py */

typedef struct Lanes {
    int width; /* doubles per vector. The kernels are documented in _lanes_body.h */
    const struct Lanes *one_lane; /* the kernels for n = 1 */
    void (*forward1)(int code, double *v, int out, int x, long n);
    void (*forward2)(int code, double *v, int out, int x, int y, long n);
    void (*give1)(int code, double *a, const double *v, int target, int from, int out, int x, long n);
    void (*forward1_keep)(int code, double *v, int out, int x, long n); /* `keep` is documented in instructions.py */
    void (*give1_kept)(int code, double *a, const double *v, int target, int from, int out, int x, long n);
    void (*give2x)(int code, double *a, const double *v, int target, int from, int out, int x, int y, long n);
    void (*give2y)(int code, double *a, const double *v, int target, int from, int out, int x, int y, long n);
    void (*reached2x)(int code, double *a, const double *v, int target, int from, int out, int x, int y, long n);
    void (*reached2y)(int code, double *a, const double *v, int target, int from, int out, int x, int y, long n);
    void (*neuron)(double *v, const int *terms, int start, int count, int out, int bias, long n);
    void (*dot)(double *v, const int *terms, int start, int count, int out, int bias, long n, int wide);
    void (*neuron_back)(double *a, const double *v, const int *terms, int start, const int *targets, int first, int count,
                        int from, int to_bias, long n);
    void (*dot_back)(double *a, const double *v, const int *terms, int start, const int *targets, int first, int count,
                     int from, int to_bias, long n, int wide_values, int wide_adjoints);
    void (*layer)(double *v, const int *terms, const int *code, int first, int size, long n);
    void (*layer_back)(double *a, const double *v, const int *terms, const int *targets, const int *code, int first, int size, long n);
    void (*run)(double *v, int w, int x, int count, int out, int bias);
    void (*run_back)(double *a, const double *v, int w, int x, int to_w, int to_x, int count, int from, int to_bias);
    double (*sum_lanes)(const double *x, int start, long n);
    void (*copy)(double *to, long start, const double *from, long first, double zero, long n);
} Lanes;

/* The eight elements from index 8 - k are a mask of the first k lanes. */
static const long long lane_masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

/* Return the contribution of a node to the adjoint of an operand. An adjoint of -0.0 marks a node that no gradient reaches in
   this lane, for example behind a closed gate. The contribution is then -0.0, not nan, the result of 0 * inf. No other
   adjoint is -0.0, because 0.0 is added to each product. The choice is between integers: for a choice between doubles, compilers
   load the adjoint from memory once more. */
static inline double passed_on(double adjoint, double product) {
    long long bits, result;
    product += 0.0;
    memcpy(&bits, &adjoint, 8);
    memcpy(&result, &product, 8);
    if (bits == (-0x7fffffffffffffffLL - 1)) result = bits;
    memcpy(&product, &result, 8);
    return product;
}

/* Return the contribution of a row that blocks: -0.0, the mark, where the partial is 0. The choices are between integers, as
   in `passed_on`. */
static inline double passed_if(double adjoint, double partial) {
    double product = adjoint * partial + 0.0;
    long long bits, result;
    memcpy(&bits, &adjoint, 8);
    memcpy(&result, &product, 8);
    if (partial == 0.0) result = -0x7fffffffffffffffLL - 1;
    if (bits == (-0x7fffffffffffffffLL - 1)) result = bits;
    memcpy(&product, &result, 8);
    return product;
}

/* Before a loop with a constant number of iterations, at most 16: write all of them one after another. Otherwise compilers keep
   the vectors that the loop uses in memory instead of registers. KEEP_LOOP does the opposite. */
#ifdef __clang__
#define UNROLL _Pragma("unroll")
#define KEEP_LOOP _Pragma("nounroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#define KEEP_LOOP _Pragma("GCC unroll 1")
#endif

#define SUFFIX _plain
#define TARGET
#define WIDTH 2
#include "_lanes_body.h"
#undef SUFFIX
#undef TARGET
#undef WIDTH

#if defined(__GNUC__) && defined(__x86_64__)
#define SUFFIX _avx2
#define TARGET __attribute__((target("avx2")))
#define WIDTH 4
#include "_lanes_body.h"
#undef SUFFIX
#undef TARGET
#undef WIDTH

#define SUFFIX _avx512
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq")))
#define WIDTH 8
#include "_lanes_body.h"
#undef SUFFIX
#undef TARGET
#undef WIDTH
#endif

/* Return the kernels with the widest supported vectors of at most `widest` doubles. Without `exact`, the elementwise operations
   use the functions of _vector_math.h instead of the C library. */
static inline const Lanes *choose_lanes(int widest, int exact) {
#if defined(__GNUC__) && defined(__x86_64__)
    __builtin_cpu_init();
    if (widest >= 8 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
        return exact ? &lanes_avx512 : &fast_lanes_avx512;
    if (widest >= 4 && __builtin_cpu_supports("avx2")) return exact ? &lanes_avx2 : &fast_lanes_avx2;
#endif
    (void) widest;
    return exact ? &lanes_plain : &fast_lanes_plain;
}
