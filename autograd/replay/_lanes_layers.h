/* The kernels of layers: neurons with the same inputs, each with its weights contiguous. _lanes_body.h includes this file.

   `neurons` points to the instructions of the neurons, eight ints each (instructions.py). A kernel works on tiles, so that it
   uses each number that it loads several times while it is in a register:

       forward        NEURONS neurons, 8 lanes, all inputs one after another
       to inputs      INPUTS inputs, 8 lanes, all neurons one after another
       to weights     TILE neurons, TILE inputs, all lanes one after another

   Each sum adds the same numbers in the same order as the kernels of single neurons. In the first two
   tiles, each product loads one number. The wider the tile, the fewer loads are left that belong to no product. */

#if WIDTH == 8 /* 32 registers */
#define TILE 4
#define NEURONS 8
#define INPUTS 16
#else /* 16 registers */
#define TILE 2
#define NEURONS 4
#define INPUTS 4
#endif
#define CHUNK 256 /* inputs of a single lane */

/* Operands of the instructions. A NEURON and a NEURON_BACK have the last three in common. */
enum { NAME(OUT) = 2, NAME(BIAS) = 3, NAME(TO_BIAS) = 2, NAME(FROM) = 3, NAME(TARGETS) = 6 };
enum { NAME(COUNT) = 4, NAME(TERMS) = 5, NAME(WEIGHTS) = 7 };

/* ---- forward --------------------------------------------------------------------------------------------------------- */

/* Eight lanes of `size` neurons, from lane i on. */
INLINE void NAME(layer_tile)(double *v, const int *terms, const int *neurons, const int size, int count, long i) {
    const int *inputs = terms + neurons[NAME(TERMS)] + count;
    const double *weights[NEURONS];
    vec sums[NEURONS][GROUPS];
#pragma GCC unroll 8
    for (int j = 0; j < size; j++) {
        weights[j] = v + neurons[8 * j + NAME(WEIGHTS)];
#pragma GCC unroll 4
        for (int g = 0; g < GROUPS; g++) sums[j][g] = NAME(splat)(v[neurons[8 * j + NAME(BIAS)]]);
    }
    for (int k = 0; k < count; k++) {
        vec x[GROUPS];
#pragma GCC unroll 4
        for (int g = 0; g < GROUPS; g++) x[g] = NAME(load)(v + inputs[k] + i + g * WIDTH);
#pragma GCC unroll 8
        for (int j = 0; j < size; j++) {
            const vec w = NAME(splat)(weights[j][k]);
#pragma GCC unroll 4
            for (int g = 0; g < GROUPS; g++) sums[j][g] += dot_term(w, x[g]);
        }
    }
#pragma GCC unroll 8
    for (int j = 0; j < size; j++)
#pragma GCC unroll 4
        for (int g = 0; g < GROUPS; g++) NAME(store)(v + neurons[8 * j + NAME(OUT)] + i + g * WIDTH, sums[j][g]);
}

/* A single lane of eight neurons: eight sums in turn, because each addition must wait for the one before. */
INLINE void NAME(one_lane)(double *v, const int *terms, const int *neurons, const int size) {
    const int count = neurons[NAME(COUNT)], *inputs = terms + neurons[NAME(TERMS)] + count;
    const double *weights[8];
    double sums[8];
#pragma GCC unroll 8
    for (int j = 0; j < size; j++) {
        weights[j] = v + neurons[8 * j + NAME(WEIGHTS)];
        sums[j] = v[neurons[8 * j + NAME(BIAS)]];
    }
    for (int k = 0; k < count; k++) {
        const double x = v[inputs[k]];
#pragma GCC unroll 8
        for (int j = 0; j < size; j++) sums[j] += dot_term(weights[j][k], x);
    }
#pragma GCC unroll 8
    for (int j = 0; j < size; j++) v[neurons[8 * j + NAME(OUT)]] = sums[j];
}

TARGET static void NAME(layer)(double *v, const int *terms, const int *code, int first, int size, long n) {
    const int *neurons = code + 8 * first, count = neurons[NAME(COUNT)];
    if (n == 1) {
        int j = 0;
        for (; j + 8 <= size; j += 8) NAME(one_lane)(v, terms, neurons + 8 * j, 8);
        for (; j < size; j++) NAME(one_lane)(v, terms, neurons + 8 * j, 1);
        return;
    }
    for (long i = 0; i < n; i += 8) {
        int j = 0;
        for (; j + NEURONS <= size; j += NEURONS) NAME(layer_tile)(v, terms, neurons + 8 * j, NEURONS, count, i);
        for (; j + 2 <= size; j += 2) NAME(layer_tile)(v, terms, neurons + 8 * j, 2, count, i);
        for (; j < size; j++) NAME(layer_tile)(v, terms, neurons + 8 * j, 1, count, i);
    }
}

/* ---- backward to the inputs ------------------------------------------------------------------------------------------ */

/* The gradients with respect to `tile` inputs, from input k on. The targets of the first neuron say whether it overwrites. The
   partial with respect to x is the weight, so the second argument of dot_partial_x is not read. */
INLINE void NAME(to_inputs)(
    double *a, const double *v, const int *neurons, int size, const int *targets, int k, const int tile, long i
) {
    vec sums[INPUTS][GROUPS];
#pragma GCC unroll 16
    for (int t = 0; t < tile; t++)
#pragma GCC unroll 4
        for (int g = 0; g < GROUPS; g++)
            sums[t][g] = targets[t] & 1 ? NAME(splat)(0.0) : NAME(load)(a + (targets[t] >> 1) + i + g * WIDTH);
    for (int j = 0; j < size; j++) {
        const double *weights = v + neurons[8 * j + NAME(WEIGHTS)] + k, *from = a + neurons[8 * j + NAME(FROM)] + i;
#pragma GCC unroll 4
        for (int g = 0; g < GROUPS; g++) {
            const vec adjoint = NAME(load)(from + g * WIDTH);
#pragma GCC unroll 16
            for (int t = 0; t < tile; t++) sums[t][g] += adjoint * dot_partial_x(NAME(splat)(weights[t]), adjoint);
        }
    }
#pragma GCC unroll 16
    for (int t = 0; t < tile; t++)
#pragma GCC unroll 4
        for (int g = 0; g < GROUPS; g++)
            if (targets[t] >= 0) NAME(store)(a + (targets[t] >> 1) + i + g * WIDTH, sums[t][g]);
}

/* ---- backward to the weights ----------------------------------------------------------------------------------------- */

/* Add the sums over lanes of one neuron's tile to consecutive adjoints. */
INLINE void NAME(add_totals)(double *to, vec sums[][GROUPS], const int tile) {
#pragma GCC unroll 4
    for (int t = 0; t < tile; t++) to[t] += NAME(total)(sums[t]);
}

#if WIDTH == 8
typedef double half __attribute__((vector_size(32), may_alias, aligned(8)));
#ifdef __clang__
#define SHUFFLE(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#else
typedef long long half_bits __attribute__((vector_size(32)));
#define SHUFFLE(x, y, ...) __builtin_shuffle(x, y, (half_bits) {__VA_ARGS__})
#endif

/* The first step of `total`: add lanes 4 to 7 to lanes 0 to 3. */
INLINE half NAME(fold)(vec x) { return ((const half *) &x)[0] + ((const half *) &x)[1]; }

/* `add_totals` for four inputs. Each addition of `total` is made for several sums at once. */
INLINE void NAME(add_4_totals)(double *to, vec sums[][GROUPS]) {
    const half a = NAME(fold)(sums[0][0]), b = NAME(fold)(sums[1][0]), c = NAME(fold)(sums[2][0]), d = NAME(fold)(sums[3][0]);
    const half x = SHUFFLE(a, c, 0, 1, 4, 5) + SHUFFLE(a, c, 2, 3, 6, 7);
    const half y = SHUFFLE(b, d, 0, 1, 4, 5) + SHUFFLE(b, d, 2, 3, 6, 7);
    *(half *) to += SHUFFLE(x, y, 0, 4, 2, 6) + SHUFFLE(x, y, 1, 5, 3, 7);
}
#undef SHUFFLE
#endif

/* Add the products of eight lanes, from lane i on. At the BEGIN, they are not added to anything. In a PART, lanes n and above do not
   count. */
enum { NAME(BEGIN), NAME(WHOLE), NAME(PART) };

INLINE void NAME(weights_step)(
    vec sums[TILE][TILE][GROUPS], const double *const *from, const double *const *x, const int size, const int tile, const int how,
    long i, long n
) {
#pragma GCC unroll 4
    for (int g = 0; g < GROUPS; g++) {
        const long l = i + g * WIDTH;
        vec inputs[TILE];
#pragma GCC unroll 4
        for (int t = 0; t < tile; t++) inputs[t] = NAME(load)(x[t] + l);
#pragma GCC unroll 4
        for (int j = 0; j < size; j++) {
            const vec adjoint = NAME(load)(from[j] + l);
#pragma GCC unroll 4
            for (int t = 0; t < tile; t++) {
                const vec product = adjoint * dot_partial_w(adjoint, inputs[t]);
                if (how == NAME(BEGIN)) sums[j][t][g] = product;
                else sums[j][t][g] += how == NAME(WHOLE) ? product : NAME(counted)(product, l, n);
            }
        }
    }
}

/* The gradients with respect to the weights of `size` neurons for `tile` inputs, from input k on. */
INLINE void NAME(to_weights)(
    double *a, const double *v, const int *terms, const int *targets, const int *neurons, const int size, int k, const int tile, long n
) {
    const int *inputs = terms + neurons[NAME(TERMS)] + neurons[NAME(COUNT)] + k;
    const double *from[TILE], *x[TILE];
    double *to[TILE];
    vec sums[TILE][TILE][GROUPS];
#pragma GCC unroll 4
    for (int t = 0; t < tile; t++) x[t] = v + inputs[t];
#pragma GCC unroll 4
    for (int j = 0; j < size; j++) {
        from[j] = a + neurons[8 * j + NAME(FROM)];
        to[j] = a + (targets[neurons[8 * j + NAME(TARGETS)]] >> 1) + k;
#pragma GCC unroll 4
        for (int t = 0; t < tile; t++)
#pragma GCC unroll 4
            for (int g = 0; g < GROUPS; g++) sums[j][t][g] = NAME(splat)(-0.0);
    }
    long i = 0;
    if (n >= 8) {
        NAME(weights_step)(sums, from, x, size, tile, NAME(BEGIN), 0, n);
        i = 8;
    }
    for (; i + 8 <= n; i += 8) NAME(weights_step)(sums, from, x, size, tile, NAME(WHOLE), i, n);
    if (i < n) NAME(weights_step)(sums, from, x, size, tile, NAME(PART), i, n);
#if WIDTH == 8
    if (tile == 4) {
#pragma GCC unroll 4
        for (int j = 0; j < size; j++) NAME(add_4_totals)(to[j], sums[j]);
        return;
    }
#endif
#pragma GCC unroll 4
    for (int j = 0; j < size; j++) NAME(add_totals)(to[j], sums[j], tile);
}

/* The gradients with respect to all weights of up to TILE neurons. */
INLINE void NAME(to_weights_of)(
    double *a, const double *v, const int *terms, const int *targets, const int *neurons, int size, long n
) {
    const int count = neurons[NAME(COUNT)];
    int k = 0;
    if (size < TILE)
        for (int j = 0; j < size; j++)
            for (k = 0; k < count; k++) NAME(to_weights)(a, v, terms, targets, neurons + 8 * j, 1, k, 1, n);
    else {
        for (; k + TILE <= count; k += TILE) NAME(to_weights)(a, v, terms, targets, neurons, TILE, k, TILE, n);
        for (; k < count; k++) NAME(to_weights)(a, v, terms, targets, neurons, TILE, k, 1, n);
    }
}

/* ---- backward -------------------------------------------------------------------------------------------------------- */

/* A single lane. All inputs of one neuron come before the next neuron, so that memory is read in order. */
INLINE void NAME(one_lane_back)(
    double *a, const double *v, const int *terms, const int *targets, const int *neurons, int size, int has_inputs, int has_weights
) {
    const int count = neurons[NAME(COUNT)], *inputs = terms + neurons[NAME(TERMS)] + count;
    const int *to_inputs = targets + neurons[NAME(TARGETS)] + count;
    double x[CHUNK], sums[CHUNK];
    for (int k = 0; k < count; k += CHUNK) {
        const int m = count - k < CHUNK ? count - k : CHUNK;
        for (int t = 0; t < m; t++) x[t] = v[inputs[k + t]];
        for (int t = 0; t < m; t++) sums[t] = to_inputs[k + t] & 1 ? 0.0 : a[to_inputs[k + t] >> 1];
        for (int j = 0; j < size; j++) {
            const double *weights = v + neurons[8 * j + NAME(WEIGHTS)] + k;
            const double adjoint = a[neurons[8 * j + NAME(FROM)]];
            double *to = a + (targets[neurons[8 * j + NAME(TARGETS)]] >> 1) + k;
            if (has_inputs) for (int t = 0; t < m; t++) sums[t] += adjoint * dot_partial_x(weights[t], x[t]);
            if (has_weights) for (int t = 0; t < m; t++) to[t] += adjoint * dot_partial_w(weights[t], x[t]);
        }
        for (int t = 0; t < m; t++)
            if (to_inputs[k + t] >= 0) a[to_inputs[k + t] >> 1] = sums[t];
    }
}

TARGET static void NAME(layer_back)(
    double *a, const double *v, const int *terms, const int *targets, const int *code, int first, int size, long n
) {
    const int *neurons = code + 8 * first, count = neurons[NAME(COUNT)], *to_inputs = targets + neurons[NAME(TARGETS)] + count;
    const int has_weights = targets[neurons[NAME(TARGETS)]] >= 0;
    int has_inputs = 0;
    for (int k = 0; k < count; k++) has_inputs |= to_inputs[k] >= 0;
    if (n == 1) {
        NAME(one_lane_back)(a, v, terms, targets, neurons, size, has_inputs, has_weights);
    } else {
        for (long i = 0; has_inputs && i < n; i += 8) {
            int k = 0;
            for (; k + INPUTS <= count; k += INPUTS) NAME(to_inputs)(a, v, neurons, size, to_inputs + k, k, INPUTS, i);
            for (; k + 4 <= count; k += 4) NAME(to_inputs)(a, v, neurons, size, to_inputs + k, k, 4, i);
            for (; k < count; k++) NAME(to_inputs)(a, v, neurons, size, to_inputs + k, k, 1, i);
        }
        for (int j = 0; has_weights && j < size; j += TILE)
            NAME(to_weights_of)(a, v, terms, targets, neurons + 8 * j, size - j, n);
    }
    for (int j = 0; j < size; j++) {
        const int to_bias = neurons[8 * j + NAME(TO_BIAS)];
        if (to_bias >= 0) a[to_bias >> 1] += NAME(sum_lanes)(a, neurons[8 * j + NAME(FROM)], n);
    }
}
#undef TILE
#undef NEURONS
#undef INPUTS
#undef CHUNK
