/* The replay kernels for one vector width. _lanes.h includes this file once per width, with these macros:

   SUFFIX   suffix of all names in this version
   TARGET   function attribute that enables the vector instructions
   WIDTH    doubles per vector

   A kernel processes `n` lanes of a block. Values (v) and adjoints (a) are in two arrays, and the arguments are offsets
   into them. A scalar has the same value in all lanes and is one double; a wide number is one double per lane. Scalars come
   first. Wide numbers begin at multiples of eight and have room for a whole block, so a kernel may compute up to seven
   lanes beyond the last one. Only sums over lanes must exclude these extra lanes.

   A target tells a kernel where to add a gradient: it is twice the offset of an adjoint, plus one for the first
   contribution, which overwrites the adjoint. A negative target discards the gradient. */

#define JOIN(name, suffix) name##suffix
#define NAMED(name, suffix) JOIN(name, suffix)
#define NAME(name) NAMED(name, SUFFIX)
#define vec NAME(vec)
#define INLINE static inline __attribute__((always_inline)) TARGET
#define GROUPS (8 / WIDTH) /* vectors per eight lanes */

typedef double vec __attribute__((vector_size(8 * WIDTH), may_alias, aligned(8)));
typedef long long NAME(bits) __attribute__((vector_size(8 * WIDTH), may_alias, aligned(8)));

INLINE vec NAME(splat)(double number) { return number - (vec) {0}; }
INLINE vec NAME(load)(const double *place) { return *(const vec *) place; }
INLINE void NAME(store)(double *place, vec numbers) { *(vec *) place = numbers; }

/* ---- sums over lanes ----------------------------------------------------------------------------------------------
   The first partial sum adds lanes 0, 8, 16, ..., the second adds lanes 1, 9, 17, ..., and so on. The eight partial sums are
   added as a tree. The order is the same for every width. */

/* Replace lanes n and above with -0.0, which does not change a sum. */
INLINE vec NAME(counted)(vec numbers, long i, long n) {
    const NAME(bits) mask = *(const NAME(bits) *) (lane_masks + (n - i < 0 ? 8 : n - i > 8 ? 0 : 8 - (n - i)));
    return (vec) (((NAME(bits)) numbers & mask) | (~mask & (NAME(bits)) NAME(splat)(-0.0)));
}

INLINE double NAME(total)(const vec *sums) {
    double s[8];
    for (int g = 0; g < GROUPS; g++) NAME(store)(s + g * WIDTH, sums[g]);
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

TARGET static double NAME(sum_lanes)(const double *x, int start, long n) {
    x += start;
    vec sums[GROUPS];
    for (int g = 0; g < GROUPS; g++) sums[g] = NAME(splat)(-0.0);
    for (long i = 0; i < n; i += 8)
        for (int g = 0; g < GROUPS; g++)
            sums[g] += NAME(counted)(NAME(load)(x + i + g * WIDTH), i + g * WIDTH, n);
    return NAME(total)(sums);
}

/* Copy n numbers between lanes and a table. For `zero` 0.0, -0.0 becomes 0.0; for -0.0, no number changes. */
TARGET static void NAME(copy)(double *to, long start, const double *from, long first, double zero, long n) {
    double *restrict tos = to + start;
    const double *restrict froms = from + first;
    for (long i = 0; i < n; i++) tos[i] = froms[i] + zero;
}

/* ---- dot: bias + left[0] * right[0] + left[1] * right[1] + ... ------------------------------------------------------
   `terms` holds the offsets of the left operands, then of the right operands. The terms are added in order. */

/* A single lane. */
INLINE void NAME(dot_once)(double *v, const int *terms, int count, int out, int bias) {
    double sum = v[bias];
    for (int k = 0; k < count; k++) sum += dot_term(v[terms[k]], v[terms[count + k]]);
    v[out] = sum;
}

/* Consecutive lanes of a neuron, from lane i: scalar weights on the left, wide inputs on the right. */
INLINE void NAME(neuron_lanes)(double *v, const int *terms, int count, int out, double bias, long i, const int vectors) {
    vec sums[8];
    UNROLL
    for (int g = 0; g < vectors; g++) sums[g] = NAME(splat)(bias);
    for (int k = 0; k < count; k++) {
        const vec w = NAME(splat)(v[terms[k]]);
        const double *x = v + terms[count + k] + i;
        UNROLL
        for (int g = 0; g < vectors; g++) sums[g] += dot_term(w, NAME(load)(x + g * WIDTH));
    }
    UNROLL
    for (int g = 0; g < vectors; g++) NAME(store)(v + out + i + g * WIDTH, sums[g]);
}

TARGET static void NAME(neuron)(double *v, const int *terms, int start, int count, int out, int bias, long n) {
    long i = 0;
    terms += start;
    if (n == 1) {
        NAME(dot_once)(v, terms, count, out, bias);
        return;
    }
    for (; i + 8 * WIDTH <= n; i += 8 * WIDTH) NAME(neuron_lanes)(v, terms, count, out, v[bias], i, 8);
    for (; i < n; i += 8) NAME(neuron_lanes)(v, terms, count, out, v[bias], i, GROUPS);
}

/* Add the gradient of one term of a neuron to the adjoint of its weight. The adjoint of its input is left unchanged (NOT),
   overwritten (FIRST) or added to (ADDED). */
enum { NAME(NOT), NAME(FIRST), NAME(ADDED) };

INLINE void NAME(term_back)(
    double *a, const double *v, const double *from, int weight, int input, int to_weight, double *to, const int how, long n
) {
    const double *x = v + input;
    const vec w = NAME(splat)(v[weight]);
    vec sums[GROUPS];
    for (int g = 0; g < GROUPS; g++) sums[g] = NAME(splat)(-0.0);
    for (long i = 0; i < n; i += 8) {
        UNROLL
        for (int g = 0; g < GROUPS; g++) {
            const long j = i + g * WIDTH;
            const vec adjoint = NAME(load)(from + j), input_now = NAME(load)(x + j);
            const vec product = adjoint * dot_partial_w(w, input_now);
            if (how == NAME(FIRST)) NAME(store)(to + j, adjoint * dot_partial_x(w, input_now) + 0.0);
            if (how == NAME(ADDED)) NAME(store)(to + j, NAME(load)(to + j) + adjoint * dot_partial_x(w, input_now));
            sums[g] += i + 8 <= n ? product : NAME(counted)(product, j, n);
        }
    }
    if (to_weight >= 0) a[to_weight >> 1] += NAME(total)(sums);
}

TARGET static void NAME(neuron_back)(
    double *a, const double *v, const int *terms, int start, const int *targets, int first, int count, int from, int to_bias,
    long n
) {
    terms += start;
    targets += first;
    if (n == 1) {
        const double adjoint = a[from];
        for (int k = 0; k < count; k++) {
            const double w = v[terms[k]], x = v[terms[count + k]];
            const int to_w = targets[k], to_x = targets[count + k];
            if (to_w >= 0) a[to_w >> 1] += adjoint * dot_partial_w(w, x);
            if (to_x >= 0) a[to_x >> 1] = (to_x & 1 ? 0.0 : a[to_x >> 1]) + adjoint * dot_partial_x(w, x);
        }
        if (to_bias >= 0) a[to_bias >> 1] += adjoint;
        return;
    }
    for (int k = 0; k < count; k++) {
        const int w = terms[k], x = terms[count + k], to_w = targets[k], to_x = targets[count + k];
        double *to = a + (to_x >> 1);
        if (to_x < 0) {
            if (to_w >= 0) NAME(term_back)(a, v, a + from, w, x, to_w, to, NAME(NOT), n);
        } else if (to_x & 1) {
            NAME(term_back)(a, v, a + from, w, x, to_w, to, NAME(FIRST), n);
        } else {
            NAME(term_back)(a, v, a + from, w, x, to_w, to, NAME(ADDED), n);
        }
    }
    if (to_bias >= 0) a[to_bias >> 1] += NAME(sum_lanes)(a, from, n);
}

#include "_lanes_layers.h"

/* Any mixture of scalar and wide operands, or scalars only, with n = 1. Operands at offset `wide` and above are wide. */
TARGET static void NAME(dot)(double *v, const int *terms, int start, int count, int out, int bias, long n, int wide) {
    terms += start;
    if (n == 1) {
        NAME(dot_once)(v, terms, count, out, bias);
        return;
    }
    for (long i = 0; i < n; i++) v[out + i] = v[bias >= wide ? bias + i : bias];
    for (int k = 0; k < count; k++) {
        const double *w = v + terms[k], *x = v + terms[count + k];
        const long w_step = terms[k] >= wide, x_step = terms[count + k] >= wide;
        for (long i = 0; i < n; i++) v[out + i] += dot_term(w[i * w_step], x[i * x_step]);
    }
}

/* A single lane. The left operands are contiguous, and so are the right operands. */
TARGET static void NAME(run)(double *v, int w, int x, int count, int out, int bias) {
    double sum = v[bias];
    for (int k = 0; k < count; k++) sum += dot_term(v[w + k], v[x + k]);
    v[out] = sum;
}

/* Add the gradients of one side, or `twice`, if both sides are the same. */
INLINE void NAME(run_give)(double *to, double adjoint, const double *factors, int count, const int twice) {
    const vec adjoints = NAME(splat)(adjoint);
    int k = 0;
    for (; k + WIDTH <= count; k += WIDTH) {
        const vec product = adjoints * NAME(load)(factors + k) + 0.0;
        vec sum = NAME(load)(to + k) + product;
        if (twice) sum += product;
        NAME(store)(to + k, sum);
    }
    for (; k < count; k++) {
        const double product = adjoint * factors[k] + 0.0;
        to[k] += product;
        if (twice) to[k] += product;
    }
}

TARGET static void NAME(run_back)(
    double *a, const double *v, int w, int x, int to_w, int to_x, int count, int from, int to_bias
) {
    const double adjoint = a[from];
    if (passed_on(adjoint, 1.0) != 1.0) return;
    /* The partials are one of the two offsets. Both targets are the same in dot(p, p). */
    if (to_w >= 0) NAME(run_give)(a + (to_w >> 1), adjoint, v + dot_partial_w(w, x), count, to_w == to_x);
    if (to_x >= 0 && to_x != to_w) NAME(run_give)(a + (to_x >> 1), adjoint, v + dot_partial_x(w, x), count, 0);
    if (to_bias >= 0) a[to_bias >> 1] += adjoint;
}

/* The contribution of n lanes to one operand of a dot: the adjoint times the other operand, or times 1 for the bias. */
TARGET static void NAME(dot_give)(
    double *a, const double *from, const double *factor, long step, int target, int wide_adjoints, long n
) {
    double *to = a + (target >> 1);
    if (target >> 1 >= wide_adjoints) {
        if (target & 1) for (long i = 0; i < n; i++) to[i] = passed_on(from[i], from[i] * factor[i * step]);
        else for (long i = 0; i < n; i++) to[i] += passed_on(from[i], from[i] * factor[i * step]);
    } else {
        double s[8] = {-0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0};
        for (long i = 0; i < n; i++) s[i & 7] += passed_on(from[i], from[i] * factor[i * step]);
        *to += ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }
}

TARGET static void NAME(dot_back)(
    double *a, const double *v, const int *terms, int start, const int *targets, int first, int count, int from, int to_bias,
    long n, int wide_values, int wide_adjoints
) {
    static const double one = 1.0;
    const double adjoint = a[from];
    terms += start;
    targets += first;
    if (n == 1 && from < wide_adjoints) {
        if (passed_on(adjoint, 1.0) != 1.0) return;
        for (int k = 0; k < count; k++)
            if (targets[k] >= 0) a[targets[k] >> 1] += adjoint * dot_partial_w(v[terms[k]], v[terms[count + k]]) + 0.0;
        for (int k = 0; k < count; k++)
            if (targets[count + k] >= 0) a[targets[count + k] >> 1] += adjoint * dot_partial_x(v[terms[k]], v[terms[count + k]]) + 0.0;
        if (to_bias >= 0) a[to_bias >> 1] += adjoint;
        return;
    }
    for (int side = 0; side < 2; side++)
        for (int k = 0; k < count; k++) {
            const int w = terms[k], x = terms[count + k];
            const int factor = side == 0 ? dot_partial_w(w, x) : dot_partial_x(w, x); /* one of the two offsets */
            if (targets[side * count + k] >= 0)
                NAME(dot_give)(a, a + from, v + factor, factor >= wide_values, targets[side * count + k], wide_adjoints, n);
        }
    if (to_bias >= 0) NAME(dot_give)(a, a + from, &one, 0, to_bias, wide_adjoints, n);
}

/* ---- elementwise operations, generated from the table --------------------------------------------------------------- */

/* Add (or, for the first contribution, write) the adjoints times the partials. */
INLINE void NAME(add_passed)(
    double *restrict to, const double *restrict from, const double *restrict partials, int first, long n
) {
    if (first) for (long i = 0; i < n; i++) to[i] = passed_on(from[i], from[i] * partials[i]);
    else for (long i = 0; i < n; i++) to[i] += passed_on(from[i], from[i] * partials[i]);
}

/* Return whether any number is larger than the limit in magnitude, or nan. */
INLINE int NAME(exceeds)(const double *x, double limit, long n) {
    long count = 0;
    for (long i = 0; i < n; i++) count += !(fabs(x[i]) <= limit);
    return count > 0;
}

#include "_lanes_rows.h"

#define OTHER_KERNELS \
    NAME(neuron), NAME(dot), NAME(neuron_back), NAME(dot_back), NAME(layer), NAME(layer_back), NAME(run), NAME(run_back), \
    NAME(sum_lanes), NAME(copy)
static const Lanes NAME(one_lane_kernels) = {
    WIDTH, &NAME(one_lane_kernels),
    one_forward1, one_forward2, one_give1, one_forward1, one_give1, one_give2x, one_give2y, one_give2x, one_give2y,
    OTHER_KERNELS
};
static const Lanes NAME(lanes) = {
    WIDTH, &NAME(one_lane_kernels),
    NAME(forward1), NAME(forward2), NAME(give1), NAME(forward1), NAME(give1), NAME(give2x), NAME(give2y),
    NAME(reached2x), NAME(reached2y), OTHER_KERNELS
};
static const Lanes NAME(fast_lanes) = {
    WIDTH, &NAME(fast_lanes),
    NAME(fast_forward1), NAME(fast_forward2), NAME(fast_give1), NAME(fast_forward1_keep), NAME(fast_give1_kept),
    NAME(fast_give2x), NAME(fast_give2y), NAME(reached2x), NAME(reached2y), OTHER_KERNELS
};

#undef OTHER_KERNELS
#undef vec
#undef INLINE
#undef GROUPS
#undef NAME
#undef NAMED
#undef JOIN
