/* Gradients of layers for few lanes. _lanes_layers.h includes this file.

   With few lanes, the other kernels of layers compute many lanes that do not exist, and add up vectors whose elements are
   lanes. The elements of the vectors below are inputs. Therefore the numbers of several inputs must be next to each other: a
   kernel copies those of NEXT inputs, lane by lane. It processes whole vectors or pairs of vectors of inputs only, and returns
   the number of inputs in these. The sums are bit for bit those of the other kernels. */

#define NEXT 128

/* Add the gradients that `size` neurons give to `count` inputs, for four lanes. */
INLINE void NAME(few_to_inputs)(
    double *sums, const double *const *weights, const double *const *from, int count, const int size
) {
    for (int k = 0; k < count; k += 2 * WIDTH) {
        vec now[4][2];
        UNROLL
        for (int l = 0; l < 4; l++)
            UNROLL
            for (int g = 0; g < 2; g++) now[l][g] = NAME(load)(sums + l * NEXT + k + g * WIDTH);
        UNROLL
        for (int j = 0; j < size; j++) {
            const vec w[2] = {NAME(load)(weights[j] + k), NAME(load)(weights[j] + k + WIDTH)};
            UNROLL
            for (int l = 0; l < 4; l++) {
                const vec adjoint = NAME(spread)(from[j] + l);
                UNROLL
                for (int g = 0; g < 2; g++) now[l][g] += adjoint * dot_partial_x(w[g], adjoint);
            }
        }
        UNROLL
        for (int l = 0; l < 4; l++)
            UNROLL
            for (int g = 0; g < 2; g++) NAME(store)(sums + l * NEXT + k + g * WIDTH, now[l][g]);
    }
}

/* Add the gradients of all neurons with respect to the inputs, for at most four lanes. */
INLINE int NAME(few_to_inputs_of)(double *a, const double *v, const int *neurons, int size, const int *targets, int n) {
    const int end = neurons[NAME(COUNT)] / (2 * WIDTH) * (2 * WIDTH);
    double sums[4 * NEXT] __attribute__((aligned(64)));
    for (int k = 0; k < end; k += NEXT, targets += NEXT) {
        const int count = end - k < NEXT ? end - k : NEXT;
        for (int m = 0; m < count; m++)
            for (int l = 0; l < 4; l++) {
                const int starts = targets[m] < 0 || targets[m] & 1 || l >= n;
                sums[l * NEXT + m] = starts ? 0.0 : a[(targets[m] >> 1) + l];
            }
        for (int j = 0; j < size; j += 4) {
            const int some = size - j < 4 ? size - j : 4;
            const double *weights[4], *from[4];
            for (int t = 0; t < some; t++) {
                weights[t] = v + neurons[8 * (j + t) + NAME(WEIGHTS)] + k;
                from[t] = a + neurons[8 * (j + t) + NAME(FROM)];
            }
            if (some == 4) NAME(few_to_inputs)(sums, weights, from, count, 4);
            else for (int t = 0; t < some; t++) NAME(few_to_inputs)(sums, weights + t, from + t, count, 1);
        }
        for (int m = 0; m < count; m++)
            for (int l = 0; l < n && targets[m] >= 0; l++) a[(targets[m] >> 1) + l] = sums[l * NEXT + m];
    }
    return end;
}

/* Add the gradients of a neuron with respect to the weights of `count` inputs. The sum over lanes has the order of `total`. */
INLINE void NAME(few_to_weights)(double *to, const double *adjoints, const double *x, int count, const int lanes) {
    for (int k = 0; k < count; k += WIDTH) {
        vec sums[8];
        UNROLL
        for (int l = 0; l < lanes; l++) {
            const vec adjoint = NAME(spread)(adjoints + l);
            const vec product = adjoint * dot_partial_w(adjoint, NAME(load)(x + l * NEXT + k));
            if (l < 8) sums[l] = product;
            else sums[l - 8] += product;
        }
        UNROLL
        for (int l = 0; l < 4 && lanes > 4; l++) sums[l] += sums[l + 4];
        NAME(store)(to + k, NAME(load)(to + k) + ((sums[0] + sums[2]) + (sums[1] + sums[3])));
    }
}

/* Add the gradients of all neurons with respect to the weights. `lanes` is 4, 8 or 16, and at least n. Lanes n and above give
   -0.0, which does not change a sum. */
INLINE int NAME(few_to_weights_of)(
    double *a, const double *v, const int *terms, const int *targets, const int *neurons, int size, int n, const int lanes
) {
    const int end = neurons[NAME(COUNT)] / WIDTH * WIDTH, *inputs = terms + neurons[NAME(TERMS)] + neurons[NAME(COUNT)];
    double x[16 * NEXT] __attribute__((aligned(64))), adjoints[16];
    for (int k = 0; k < end; k += NEXT) {
        const int count = end - k < NEXT ? end - k : NEXT;
        for (int m = 0; m < count; m++)
            for (int l = 0; l < lanes; l++) x[l * NEXT + m] = l < n ? v[inputs[k + m] + l] : 0.0;
        for (int j = 0; j < size; j++) {
            const double *from = a + neurons[8 * j + NAME(FROM)];
            double *to = a + (targets[neurons[8 * j + NAME(TARGETS)]] >> 1) + k;
            for (int l = 0; l < lanes; l++) adjoints[l] = l < n ? from[l] : -0.0;
            NAME(few_to_weights)(to, adjoints, x, count, lanes);
        }
    }
    return end;
}
#undef NEXT
