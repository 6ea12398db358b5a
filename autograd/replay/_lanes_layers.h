/* The kernels of layers: neurons with the same inputs, each with its weights contiguous. _lanes_body.h includes this file.

   `neurons` points to the instructions of the neurons, eight ints each (instructions.py). A kernel works on tiles, so that it
   uses each number that it loads several times while it is in a register:

       forward        NEURONS neurons, LANES lanes, all inputs one after another
       to inputs      INPUTS inputs, 8 lanes, all neurons one after another
       to weights     TILE neurons, 4 inputs, the same vector of every eight lanes; then the next vector of every eight

   The sums of a tile, the numbers that they share and one product take all registers. Each sum adds the same numbers in the
   same order as the kernels of single neurons.

   A tile reads a few numbers from each of many rows: some lanes of all inputs, or some weights of all neurons. Read where they
   are, they would come from the level 2 cache for each tile again. Therefore a kernel first copies the numbers that many tiles
   read next to each other. */

#if WIDTH == 8 /* 32 registers */
#define NEURONS 8
#define INPUTS 16
#define TILE 4
#define LANES 16
#elif WIDTH == 4 /* 16 registers */
#define NEURONS 6
#define INPUTS 6
#define TILE 3
#define LANES 8
#else /* at least 16 registers */
#define NEURONS 3
#define INPUTS 3
#define TILE 3
#define LANES 8
#endif
#define CHUNK 256 /* inputs that are copied at a time */
#define DEPTH 128 /* neurons whose adjoints are copied at a time */
#define PANEL 48 /* inputs whose weights are copied at a time */
#define BLOCK 16 /* inputs whose lanes stay in the cache while the gradients of all neurons' weights are computed */

/* Operands of the instructions. A NEURON and a NEURON_BACK have the last three in common. */
enum { NAME(OUT) = 2, NAME(BIAS) = 3, NAME(TO_BIAS) = 2, NAME(FROM) = 3, NAME(TARGETS) = 6 };
enum { NAME(COUNT) = 4, NAME(TERMS) = 5, NAME(WEIGHTS) = 7 };

/* ---- forward --------------------------------------------------------------------------------------------------------- */

/* Load a number into all elements of a vector. Unlike a vector of doubles, a vector of integers is loaded without an
   instruction that waits for the units of additions and products. */
INLINE vec NAME(spread)(const double *number) {
    long long bits;
    memcpy(&bits, number, 8);
    return (vec) (bits - (NAME(bits)) {0});
}

/* Add `count` terms, from input k on, to `size` neurons, for `vectors` vectors of lanes from lane i on. Input 0 is added to the
   bias, and a later input k to the sum of the inputs before. `x` holds these lanes of the inputs. */
INLINE void NAME(layer_tile)(
    double *v, const double *x, const int *neurons, const int size, int k, int count, long i, const int vectors
) {
    const double *weights[NEURONS];
    vec sums[NEURONS][LANES / WIDTH];
    UNROLL
    for (int j = 0; j < size; j++) {
        const int *neuron = neurons + 8 * j;
        weights[j] = v + neuron[NAME(WEIGHTS)] + k;
        UNROLL
        for (int g = 0; g < vectors; g++)
            sums[j][g] = k == 0 ? NAME(splat)(v[neuron[NAME(BIAS)]]) : NAME(load)(v + neuron[NAME(OUT)] + i + g * WIDTH);
    }
    for (int m = 0; m < count; m++) {
        vec inputs[LANES / WIDTH];
        UNROLL
        for (int g = 0; g < vectors; g++) inputs[g] = NAME(load)(x + (m * vectors + g) * WIDTH);
        UNROLL
        for (int j = 0; j < size; j++) {
            const vec w = NAME(spread)(weights[j] + m);
            UNROLL
            for (int g = 0; g < vectors; g++) sums[j][g] += dot_term(w, inputs[g]);
        }
    }
    UNROLL
    for (int j = 0; j < size; j++)
        UNROLL
        for (int g = 0; g < vectors; g++) NAME(store)(v + neurons[8 * j + NAME(OUT)] + i + g * WIDTH, sums[j][g]);
}

/* The same for all neurons and inputs of a layer. */
INLINE void NAME(layer_lanes)(double *v, const int *terms, const int *neurons, int size, long i, const int vectors) {
    const int count = neurons[NAME(COUNT)], *inputs = terms + neurons[NAME(TERMS)] + count;
    double x[CHUNK * LANES] __attribute__((aligned(64)));
    for (int k = 0; k < count; k += CHUNK) {
        const int some = count - k < CHUNK ? count - k : CHUNK;
        for (int m = 0; m < some; m++)
            UNROLL
            for (int g = 0; g < vectors; g++)
                NAME(store)(x + (m * vectors + g) * WIDTH, NAME(load)(v + inputs[k + m] + i + g * WIDTH));
        int j = 0;
        for (; j + NEURONS <= size; j += NEURONS) NAME(layer_tile)(v, x, neurons + 8 * j, NEURONS, k, some, i, vectors);
        for (; j + 2 <= size; j += 2) NAME(layer_tile)(v, x, neurons + 8 * j, 2, k, some, i, vectors);
        for (; j < size; j++) NAME(layer_tile)(v, x, neurons + 8 * j, 1, k, some, i, vectors);
    }
}

/* A single lane of `size` neurons, which is 8 or 1: eight sums in turn, because each addition must wait for the one before. */
INLINE void NAME(one_lane)(double *v, const int *terms, const int *neurons, const int size) {
    const int count = neurons[NAME(COUNT)], *inputs = terms + neurons[NAME(TERMS)] + count;
    const double *weights[8];
    double sums[8];
    UNROLL
    for (int j = 0; j < size; j++) {
        weights[j] = v + neurons[8 * j + NAME(WEIGHTS)];
        sums[j] = v[neurons[8 * j + NAME(BIAS)]];
    }
    for (int k = 0; k < count; k++) {
        const double x = v[inputs[k]];
        UNROLL
        for (int j = 0; j < size; j++) sums[j] += dot_term(weights[j][k], x);
    }
    UNROLL
    for (int j = 0; j < size; j++) v[neurons[8 * j + NAME(OUT)]] = sums[j];
}

TARGET static void NAME(layer)(double *v, const int *terms, const int *code, int first, int size, long n) {
    const int *neurons = code + 8 * first;
    if (n == 1) {
        int j = 0;
        for (; j + 8 <= size; j += 8) NAME(one_lane)(v, terms, neurons + 8 * j, 8);
        for (; j < size; j++) NAME(one_lane)(v, terms, neurons + 8 * j, 1);
        return;
    }
    long i = 0;
    for (; i + LANES <= n; i += LANES) NAME(layer_lanes)(v, terms, neurons, size, i, LANES / WIDTH);
    for (; i < n; i += 8) NAME(layer_lanes)(v, terms, neurons, size, i, GROUPS);
}

/* ---- backward to the inputs ------------------------------------------------------------------------------------------ */

/* Return the number of inputs in the next tile. */
INLINE int NAME(next_tile)(int inputs) {
    if (inputs >= INPUTS) return INPUTS;
    return INPUTS > 4 && inputs >= 4 ? 4 : inputs >= 2 ? 2 : 1;
}

/* Add the gradients that `size` neurons give to `tile` inputs, from input k on, for eight lanes from lane i on. `weights` and
   `adjoints` are copies, or NULL. `first` is 1 for the first neurons: the targets say whether they overwrite. The partial with
   respect to x is the weight, so the second argument of dot_partial_x is not read. */
INLINE void NAME(to_inputs)(
    double *a, const double *v, const double *weights, const double *adjoints, const int *neurons, int size, int first,
    const int *targets, int k, const int tile, long i
) {
    vec sums[INPUTS][GROUPS];
    targets += k;
    UNROLL
    for (int t = 0; t < tile; t++)
        UNROLL
        for (int g = 0; g < GROUPS; g++) {
            const int starts = targets[t] < 0 || (first && targets[t] & 1);
            sums[t][g] = starts ? NAME(splat)(0.0) : NAME(load)(a + (targets[t] >> 1) + i + g * WIDTH);
        }
    for (int j = 0; j < size; j++) {
        const double *w = weights ? weights + j * tile : v + neurons[8 * j + NAME(WEIGHTS)] + k;
        const double *from = adjoints ? adjoints + 8 * j : a + neurons[8 * j + NAME(FROM)] + i;
        vec adjoint[GROUPS];
        UNROLL
        for (int g = 0; g < GROUPS; g++) adjoint[g] = NAME(load)(from + g * WIDTH);
        UNROLL
        for (int t = 0; t < tile; t++) {
            const vec partial = dot_partial_x(NAME(spread)(w + t), adjoint[0]);
            UNROLL
            for (int g = 0; g < GROUPS; g++) sums[t][g] += adjoint[g] * partial;
        }
    }
    UNROLL
    for (int t = 0; t < tile; t++)
        UNROLL
        for (int g = 0; g < GROUPS; g++)
            if (targets[t] >= 0) NAME(store)(a + (targets[t] >> 1) + i + g * WIDTH, sums[t][g]);
}

/* Copy the weights of `size` neurons for the inputs from k to `end`, tile by tile. A tile has room for DEPTH neurons. */
INLINE void NAME(copy_weights)(double *weights, const double *v, const int *neurons, int size, int k, int end) {
    for (int tile; k < end; k += tile, weights += tile * DEPTH) {
        tile = NAME(next_tile)(end - k);
        for (int j = 0; j < size; j++) {
            const double *from = v + neurons[8 * j + NAME(WEIGHTS)] + k;
            if (tile == INPUTS) memcpy(weights + j * INPUTS, from, 8 * INPUTS); /* a few instructions */
            else memcpy(weights + j * tile, from, 8 * tile);
        }
    }
}

/* `to_inputs` for all tiles of the inputs from k to `end`. */
INLINE void NAME(to_tiles)(
    double *a, const double *v, const double *weights, const double *adjoints, const int *neurons, int size, int first,
    const int *targets, int k, int end, long i
) {
    for (int tile; k < end; k += tile) {
        tile = NAME(next_tile)(end - k);
        if (tile == INPUTS) NAME(to_inputs)(a, v, weights, adjoints, neurons, size, first, targets, k, INPUTS, i);
        else if (INPUTS > 4 && tile == 4) NAME(to_inputs)(a, v, weights, adjoints, neurons, size, first, targets, k, 4, i);
        else if (tile == 2) NAME(to_inputs)(a, v, weights, adjoints, neurons, size, first, targets, k, 2, i);
        else NAME(to_inputs)(a, v, weights, adjoints, neurons, size, first, targets, k, 1, i);
        if (weights) weights += tile * DEPTH;
    }
}

/* The gradients with respect to the inputs from k to `end`, at most PANEL, for all lanes. */
INLINE void NAME(to_inputs_of)(
    double *a, const double *v, const int *neurons, int size, const int *targets, int k, int end, long n
) {
    double weights[DEPTH * PANEL], adjoints[DEPTH * 8] __attribute__((aligned(64)));
    if (n <= 16) { /* too few lanes to be worth a copy */
        for (long i = 0; i < n; i += 8) NAME(to_tiles)(a, v, NULL, NULL, neurons, size, 1, targets, k, end, i);
        return;
    }
    for (int first = 0; first < size; first += DEPTH) {
        const int some = size - first < DEPTH ? size - first : DEPTH;
        const int *now = neurons + 8 * first;
        NAME(copy_weights)(weights, v, now, some, k, end);
        for (long i = 0; i < n; i += 8) {
            for (int j = 0; j < some; j++)
                UNROLL
                for (int g = 0; g < GROUPS; g++)
                    NAME(store)(adjoints + 8 * j + g * WIDTH, NAME(load)(a + now[8 * j + NAME(FROM)] + i + g * WIDTH));
            NAME(to_tiles)(a, v, weights, adjoints, now, some, first == 0, targets, k, end, i);
        }
    }
}

/* ---- backward to the weights ----------------------------------------------------------------------------------------- */

/* Add the sums over lanes of one neuron's tile to consecutive adjoints. */
INLINE void NAME(add_totals)(double *to, vec sums[][GROUPS], const int tile) {
    UNROLL
    for (int t = 0; t < tile; t++) to[t] += NAME(total)(sums[t]);
}

#if WIDTH >= 4
typedef double NAME(four) __attribute__((vector_size(32), may_alias, aligned(8)));
#ifdef __clang__
#define SHUFFLE(x, y, ...) __builtin_shufflevector(x, y, __VA_ARGS__)
#else
typedef long long NAME(four_bits) __attribute__((vector_size(32)));
#define SHUFFLE(x, y, ...) __builtin_shuffle(x, y, (NAME(four_bits)) {__VA_ARGS__})
#endif

/* The first step of `total`: add the last four partial sums to the first four. */
INLINE NAME(four) NAME(fold)(const vec *sums) { return ((const NAME(four) *) sums)[0] + ((const NAME(four) *) sums)[1]; }

/* `add_totals` for four inputs. Each addition of `total` is made for several sums at once. */
INLINE void NAME(add_4_totals)(double *to, vec sums[][GROUPS]) {
    const NAME(four) a = NAME(fold)(sums[0]), b = NAME(fold)(sums[1]), c = NAME(fold)(sums[2]), d = NAME(fold)(sums[3]);
    const NAME(four) x = SHUFFLE(a, c, 0, 1, 4, 5) + SHUFFLE(a, c, 2, 3, 6, 7);
    const NAME(four) y = SHUFFLE(b, d, 0, 1, 4, 5) + SHUFFLE(b, d, 2, 3, 6, 7);
    *(NAME(four) *) to += SHUFFLE(x, y, 0, 4, 2, 6) + SHUFFLE(x, y, 1, 5, 3, 7);
}
#undef SHUFFLE
#endif

/* Add the products of one vector of lanes, from lane l on. At the BEGIN, they are not added to anything. In a PART, lanes n and
   above do not count. */
enum { NAME(BEGIN), NAME(WHOLE), NAME(PART) };

INLINE void NAME(weights_step)(
    vec sums[TILE][4], const double *const *from, const double *const *x, const int size, const int tile, const int how, long l,
    long n
) {
    vec inputs[4];
    UNROLL
    for (int t = 0; t < tile; t++) inputs[t] = NAME(load)(x[t] + l);
    UNROLL
    for (int j = 0; j < size; j++) {
        const vec adjoint = NAME(load)(from[j] + l);
        UNROLL
        for (int t = 0; t < tile; t++) {
            const vec product = adjoint * dot_partial_w(adjoint, inputs[t]);
            if (how == NAME(BEGIN)) sums[j][t] = product;
            else sums[j][t] += how == NAME(WHOLE) ? product : NAME(counted)(product, l, n);
        }
    }
}

/* The gradients with respect to the weights of `size` neurons for `tile` inputs, from input k on. */
INLINE void NAME(to_weights)(
    double *a, const double *v, const int *terms, const int *targets, const int *neurons, const int size, int k, const int tile,
    long n
) {
    const int *inputs = terms + neurons[NAME(TERMS)] + neurons[NAME(COUNT)] + k;
    const double *from[TILE], *x[4];
    double *to[TILE];
    vec all[TILE][4][GROUPS];
    UNROLL
    for (int t = 0; t < tile; t++) x[t] = v + inputs[t];
    UNROLL
    for (int j = 0; j < size; j++) {
        from[j] = a + neurons[8 * j + NAME(FROM)];
        to[j] = a + (targets[neurons[8 * j + NAME(TARGETS)]] >> 1) + k;
        __builtin_prefetch(to[j], 1); /* read when the products are summed */
    }
    KEEP_LOOP
    for (int g = 0; g < GROUPS; g++) {
        vec sums[TILE][4];
        long l = g * WIDTH;
        UNROLL
        for (int j = 0; j < size; j++)
            UNROLL
            for (int t = 0; t < tile; t++) sums[j][t] = NAME(splat)(-0.0);
        if (n >= 8) {
            NAME(weights_step)(sums, from, x, size, tile, NAME(BEGIN), l, n);
            l += 8;
        }
        for (; l + 8 <= n + g * WIDTH; l += 8) NAME(weights_step)(sums, from, x, size, tile, NAME(WHOLE), l, n);
        if (l < n) NAME(weights_step)(sums, from, x, size, tile, NAME(PART), l, n);
        UNROLL
        for (int j = 0; j < size; j++)
            UNROLL
            for (int t = 0; t < tile; t++) all[j][t][g] = sums[j][t];
    }
    UNROLL
    for (int j = 0; j < size; j++) {
#if WIDTH >= 4
        if (tile == 4) NAME(add_4_totals)(to[j], all[j]);
        else
#endif
            NAME(add_totals)(to[j], all[j], tile);
    }
}

/* The gradients with respect to the weights of `size` neurons, from input k to input `end`. */
INLINE void NAME(to_weights_of)(
    double *a, const double *v, const int *terms, const int *targets, const int *neurons, const int size, int k, int end, long n
) {
    for (; k + 4 <= end; k += 4) NAME(to_weights)(a, v, terms, targets, neurons, size, k, 4, n);
    for (; k < end; k++) NAME(to_weights)(a, v, terms, targets, neurons, size, k, 1, n);
}

#include "_lanes_few.h"

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
        int k = 0;
        if (has_inputs && n <= 4) k = NAME(few_to_inputs_of)(a, v, neurons, size, to_inputs, n);
        for (; has_inputs && k < count; k += PANEL)
            NAME(to_inputs_of)(a, v, neurons, size, to_inputs, k, count - k < PANEL ? count : k + PANEL, n);
        k = 0;
        if (has_weights && n <= 4) k = NAME(few_to_weights_of)(a, v, terms, targets, neurons, size, n, 4);
        else if (has_weights && n <= 8) k = NAME(few_to_weights_of)(a, v, terms, targets, neurons, size, n, 8);
        else if (has_weights && n <= 16) k = NAME(few_to_weights_of)(a, v, terms, targets, neurons, size, n, 16);
        for (; has_weights && k < count; k += BLOCK) {
            const int end = count - k < BLOCK ? count : k + BLOCK;
            int j = 0;
            for (; j + TILE <= size; j += TILE) NAME(to_weights_of)(a, v, terms, targets, neurons + 8 * j, TILE, k, end, n);
            for (; j < size; j++) NAME(to_weights_of)(a, v, terms, targets, neurons + 8 * j, 1, k, end, n);
        }
    }
    for (int j = 0; j < size; j++) {
        const int to_bias = neurons[8 * j + NAME(TO_BIAS)];
        if (to_bias >= 0) a[to_bias >> 1] += NAME(sum_lanes)(a, neurons[8 * j + NAME(FROM)], n);
    }
}
#undef TILE
#undef NEURONS
#undef INPUTS
#undef LANES
#undef CHUNK
#undef DEPTH
#undef PANEL
#undef BLOCK
