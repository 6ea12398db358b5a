/* The moons step as a C programmer would write it: MLP(2, [16, 16, 1]), ReLU, hinge loss with L2; loss and gradients.
 *
 * One point after the other; the inner loops run over the 16 neurons, or inputs, of a layer, and none of them is a sum
 * into one number, so that the compiler can use vectors without changing the order of additions (no -ffast-math).
 * Parameters and gradients: of each layer its weights, a row for each neuron, and then its biases. */

enum { IN = 2, H = 16, W1 = 0, B1 = W1 + H * IN, W2 = B1 + H, B2 = W2 + H * H, W3 = B2 + H, B3 = W3 + H, ALL = B3 + 1 };

double moons_step(const double *restrict p, const double *restrict X, const double *restrict y, long points, double l2,
                  double *restrict g)
{
    double W1T[IN][H], W2T[H][H], g1[IN][H] = {{0}}, g2[H][H] = {{0}};  /* transposed: column after column */
    double loss = 0.0, squares = 0.0;

    for (int i = 0; i < ALL; i++)
        g[i] = 0.0;
    for (int o = 0; o < H; o++) {
        for (int i = 0; i < IN; i++)
            W1T[i][o] = p[W1 + o * IN + i];
        for (int i = 0; i < H; i++)
            W2T[i][o] = p[W2 + o * H + i];
    }
    for (long n = 0; n < points; n++) {
        double a[H], b[H], da[H], db[H], score = p[B3];
        const double *x = X + IN * n;

        for (int o = 0; o < H; o++)
            a[o] = p[B1 + o];
        for (int i = 0; i < IN; i++)
            for (int o = 0; o < H; o++)
                a[o] += W1T[i][o] * x[i];
        for (int o = 0; o < H; o++)
            a[o] = a[o] > 0.0 ? a[o] : 0.0;

        for (int o = 0; o < H; o++)
            b[o] = p[B2 + o];
        for (int i = 0; i < H; i++)
            for (int o = 0; o < H; o++)
                b[o] += W2T[i][o] * a[i];
        for (int o = 0; o < H; o++)
            b[o] = b[o] > 0.0 ? b[o] : 0.0;

        for (int i = 0; i < H; i++)
            score += p[W3 + i] * b[i];
        double margin = 1.0 - y[n] * score;
        if (!(margin > 0.0))
            continue;
        loss += margin;

        double upstream = -y[n] / points;
        g[B3] += upstream;
        for (int i = 0; i < H; i++) {
            g[W3 + i] += upstream * b[i];
            db[i] = b[i] > 0.0 ? upstream * p[W3 + i] : 0.0;
            da[i] = 0.0;
        }
        for (int o = 0; o < H; o++)
            g[B2 + o] += db[o];
        for (int i = 0; i < H; i++)
            for (int o = 0; o < H; o++)
                g2[i][o] += db[o] * a[i];
        for (int o = 0; o < H; o++)
            for (int i = 0; i < H; i++)
                da[i] += p[W2 + o * H + i] * db[o];
        for (int o = 0; o < H; o++) {
            da[o] = a[o] > 0.0 ? da[o] : 0.0;
            g[B1 + o] += da[o];
        }
        for (int i = 0; i < IN; i++)
            for (int o = 0; o < H; o++)
                g1[i][o] += da[o] * x[i];
    }
    for (int o = 0; o < H; o++) {
        for (int i = 0; i < IN; i++)
            g[W1 + o * IN + i] = g1[i][o];
        for (int i = 0; i < H; i++)
            g[W2 + o * H + i] = g2[i][o];
    }
    for (int i = 0; i < ALL; i++) {
        squares += p[i] * p[i];
        g[i] += 2.0 * l2 * p[i];
    }
    return loss / points + l2 * squares;
}
