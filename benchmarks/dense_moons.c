/* The moons step as a C programmer would write it: MLP(2, [16, 16, 1]), ReLU, hinge loss with L2; loss and gradients.
 *
 * The layers are computed one after the other, each for all points. The innermost loops run over LANES points, each with a
 * separate sum, so that the compiler can use vector instructions without changing the order of additions (no -ffast-math).
 * Parameters and gradients hold, per layer, the weights, one row per neuron, and then the biases. X is stored column by column.
 * Rows that pad the last LANES have y = 0. */

enum { IN = 2, H = 16, W1 = 0, B1 = W1 + H * IN, W2 = B1 + H, B2 = W2 + H * H, W3 = B2 + H, B3 = W3 + H, ALL = B3 + 1 };
enum { LANES = 8, MAX_POINTS = 128 };

typedef double Rows[MAX_POINTS];  /* one number per point */

static inline void forward(const double *w, const double *bias, int inputs, int outputs, const Rows *x, Rows *z, long n)
{
    for (int o = 0; o < outputs; o++)
        for (long start = 0; start < n; start += LANES) {
            double sum[LANES];
            for (int l = 0; l < LANES; l++)
                sum[l] = bias[o];
            for (int i = 0; i < inputs; i++)
                for (int l = 0; l < LANES; l++)
                    sum[l] += w[o * inputs + i] * x[i][start + l];
            for (int l = 0; l < LANES; l++)
                z[o][start + l] = sum[l];
        }
}

static inline void relu(Rows *z, int rows, long n)
{
    for (int o = 0; o < rows; o++)
        for (long l = 0; l < n; l++)
            z[o][l] = z[o][l] > 0.0 ? z[o][l] : 0.0;
}

/* Compute the gradients of w and bias into gw and gb. If dx is not 0, also compute the gradient with respect to the input of
 * the ReLU whose output is x. */
static inline void backward(const double *w, int inputs, int outputs, const Rows *x, const Rows *dz, double *gw, double *gb,
                            Rows *dx, long n)
{
    for (int o = 0; o < outputs; o++) {
        double sum[LANES] = {0.0};
        for (long start = 0; start < n; start += LANES)
            for (int l = 0; l < LANES; l++)
                sum[l] += dz[o][start + l];
        gb[o] = 0.0;
        for (int l = 0; l < LANES; l++)
            gb[o] += sum[l];
        for (int i = 0; i < inputs; i++) {
            double total[LANES] = {0.0};
            for (long start = 0; start < n; start += LANES)
                for (int l = 0; l < LANES; l++)
                    total[l] += dz[o][start + l] * x[i][start + l];
            gw[o * inputs + i] = 0.0;
            for (int l = 0; l < LANES; l++)
                gw[o * inputs + i] += total[l];
        }
    }
    for (int i = 0; dx && i < inputs; i++)
        for (long start = 0; start < n; start += LANES) {
            double sum[LANES] = {0.0};
            for (int o = 0; o < outputs; o++)
                for (int l = 0; l < LANES; l++)
                    sum[l] += w[o * inputs + i] * dz[o][start + l];
            for (int l = 0; l < LANES; l++)
                dx[i][start + l] = x[i][start + l] > 0.0 ? sum[l] : 0.0;
        }
}

double moons_step(const double *restrict p, const Rows *restrict x, const double *restrict y, long points, double l2,
                  double *restrict g)
{
    static Rows a[H], b[H], score[1], da[H], db[H], upstream[1];
    long n = (points + LANES - 1) / LANES * LANES;
    double loss = 0.0, squares = 0.0;

    forward(p + W1, p + B1, IN, H, x, a, n);
    relu(a, H, n);
    forward(p + W2, p + B2, H, H, a, b, n);
    relu(b, H, n);
    forward(p + W3, p + B3, H, 1, b, score, n);
    for (long l = 0; l < n; l++) {
        double margin = 1.0 - y[l] * score[0][l];
        upstream[0][l] = margin > 0.0 ? -y[l] / points : 0.0;
        loss += margin > 0.0 && l < points ? margin : 0.0;
    }
    backward(p + W3, H, 1, b, upstream, g + W3, g + B3, db, n);
    backward(p + W2, H, H, a, db, g + W2, g + B2, da, n);
    backward(p + W1, IN, H, x, da, g + W1, g + B1, 0, n);
    for (int i = 0; i < ALL; i++) {
        squares += p[i] * p[i];
        g[i] += 2.0 * l2 * p[i];
    }
    return loss / points + l2 * squares;
}
