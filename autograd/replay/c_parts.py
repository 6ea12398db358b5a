"""The parts of a generated C program that are the same in every program. ``c_writer.py`` writes the others.

The sums over terms and lanes are those of ``_lanes.py``, and the loop over rows is that of ``executor.py``, in the same order.
"""

# Functions that statements call. WIDE and WIDE_ADJOINTS are the offsets of the first numbers with one value per lane.
SUPPORT = """\
/* An adjoint of -0.0 marks a node that no gradient reaches, for example behind a closed gate. It is passed on unchanged. */
OPERATION double passed_on(double adjoint, double partial) {
    return adjoint == 0.0 && signbit(adjoint) ? adjoint : adjoint * partial + 0.0;
}

/* The contribution of an operation whose partial derivative of 0 blocks the gradient. */
OPERATION double passed_if(double adjoint, double partial) {
    return partial == 0.0 ? -0.0 : passed_on(adjoint, partial);
}

static double tree(const double *s) {
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/* The sum over lanes: eight partial sums, of lanes 0, 8, 16, ..., lanes 1, 9, 17, ... etc., added as a tree. */
SOMETIMES_UNUSED double sum_lanes(const double *x, long n) {
    double s[8] = {-0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0};
    for (long i = 0; i < n; i++) s[i & 7] += x[i];
    return tree(s);
}

/* bias + left[0] * right[0] + left[1] * right[1] + ..., in order. Offsets from WIDE on have one number per lane. */
SOMETIMES_UNUSED void dot(double *v, const int *left, const int *right, int count, int out, int bias, long n) {
    for (long i = 0; i < n; i++) {
        double sum = v[bias >= WIDE ? bias + i : bias];
        for (int k = 0; k < count; k++)
            sum += dot_forward(v[left[k] >= WIDE ? left[k] + i : left[k]], v[right[k] >= WIDE ? right[k] + i : right[k]]);
        v[out + i] = sum;
    }
}

/* Add the contribution of n lanes to one operand of a dot. `factor` is the offset of the other operand, or -1 for the bias.
   A target is twice the offset of an adjoint, plus one to overwrite it; a negative target discards the contribution. */
SOMETIMES_UNUSED void dot_give(double *a, const double *v, int target, int from, int factor, long n) {
    double s[8] = {-0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0};
    if (target < 0) return;
    double *to = a + (target >> 1);
    for (long i = 0; i < n; i++) {
        const double partial = factor < 0 ? 1.0 : v[factor >= WIDE ? factor + i : factor];
        const double passed = passed_on(a[from + i], partial);
        if (target >> 1 < WIDE_ADJOINTS) s[i & 7] += passed;
        else to[i] = target & 1 ? passed : to[i] + passed;
    }
    if (target >> 1 < WIDE_ADJOINTS) *to += n > 1 ? tree(s) : s[0];
}

SOMETIMES_UNUSED void dot_back(double *a, const double *v, const int *left, const int *right, const int *to_left,
                               const int *to_right, int count, int from, int to_bias, long n) {
    for (int k = 0; k < count; k++) dot_give(a, v, to_left[k], from, right[k], n);
    for (int k = 0; k < count; k++) dot_give(a, v, to_right[k], from, left[k], n);
    dot_give(a, v, to_bias, from, -1, n);
}

/* Copy the item that the index selects in each lane. Return whether every index is valid. */
SOMETIMES_UNUSED int take(double *v, const int *items, int count, int out, int index, long n) {
    for (long i = 0; i < n; i++) {
        const double number = v[index >= WIDE ? index + i : index];
        if (!(0 <= number && number < count) || number != (int) number) return 0;
        const int item = items[(int) number];
        v[out + i] = v[item >= WIDE ? item + i : item];
    }
    return 1;
}

SOMETIMES_UNUSED void take_back(double *a, const double *v, const int *targets, int index, int from, long n) {
    for (long i = 0; i < n; i++) {
        const int target = targets[(int) v[index >= WIDE ? index + i : index]];
        if (target >= 0) a[(target >> 1) + (target >> 1 >= WIDE_ADJOINTS ? i : 0)] += a[from + i];
    }
}
"""

# The loop over rows. Lines @name@ are replaced with statements of the program.
DRIVER = """\
/* Gradients of scalars are summed within a block, then over the blocks of a leaf, then over the leaves as a binary tree. The
   sums of complete subtrees are in `sums`, one row per level. */
double totals[LEVELS];
long leaves = 1;
while (leaves < MAX_LEAVES && rows >= 2 * leaves * MIN_LEAF_ROWS) leaves *= 2;
for (long leaf = 0; leaf < leaves && rows > 0; leaf++) {
    const long first = rows * leaf / leaves / 8 * 8;
    const long end = leaf + 1 == leaves ? rows : rows * (leaf + 1) / leaves / 8 * 8;
    const long blocks = (end - first + LANES - 1) / LANES;
    const long block = ((end - first + blocks - 1) / blocks + 7) / 8 * 8;
    total = -0.0;
    for (int i = 0; i < WIDE_ADJOINTS; i++) a[i] = -0.0;
    for (long row = first; row < end; row += block) {
        const long n = row + block < end ? block : end - row;
        for (int j = 0; j < COLUMNS; j++)
            for (long i = 0; i < n; i++) v[WIDE + j * LANES + i] = inputs[(row + i) * COLUMNS + j];
        if (forward_rows(v, n)) return 1;
@results@
@block_sum@
@backward@
    }
    int level = 0;
    for (; leaf >> level & 1; level++) {
        total = totals[level] + total;
        for (int i = 0; i < WIDE_ADJOINTS; i++) a[i] = sums[level * WIDE_ADJOINTS + i] + a[i];
    }
    totals[level] = total;
    for (int i = 0; i < WIDE_ADJOINTS; i++) sums[level * WIDE_ADJOINTS + i] = a[i];
}
if (!rows) for (int i = 0; i < WIDE_ADJOINTS; i++) a[i] = -0.0;
"""
