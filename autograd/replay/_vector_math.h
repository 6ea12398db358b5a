/* Functions of a real number in plain C, for `exact=False`: compilers turn loops that call them into vector instructions.

   There are no branches, tables, fused instructions or calls of the C library. Every operation is one that IEEE-754 defines,
   in a fixed order. Therefore the results are bit for bit the same for all vector widths and processors, if the compiler
   neither fuses nor reorders operations (-ffp-contract=off). The largest errors, in units in the last place, are measured
   against mpmath in tests/autograd/replay/test_vector_math.py:

       exp 1, log 1, tanh 1, sigmoid 1, erf 1, sin 1, cos 1, gaussian 1.5, pow 1.5, sech_squared 3.5

   The coefficients come from benchmarks/vector_math_coefficients.py. */
#include <stdint.h>

#define VECTOR_MATH static inline __attribute__((always_inline, unused))

/* (exp(r) - 1 - r) / r**2, for abs(r) <= log(2) / 2. Error 2.6e-18 */
#define EXP_0 0.5
#define EXP_1 0.1666666666666667
#define EXP_2 0.04166666666666667
#define EXP_3 0.008333333333326141
#define EXP_4 0.0013888888888883752
#define EXP_5 0.00019841269874800493
#define EXP_6 2.4801587325533363e-05
#define EXP_7 2.7557255425746435e-06
#define EXP_8 2.7557273661348637e-07
#define EXP_9 2.510520637395702e-08
#define EXP_10 2.0914679376583943e-09
/* (tanh(h) / h - 1) / z, z = h*h, for abs(h) <= log(2) / 4. Error 5.2e-16 */
#define TANH_0 -0.3333333333333328
#define TANH_1 0.13333333333212813
#define TANH_2 -0.05396825349959849
#define TANH_3 0.021869421825241465
#define TANH_4 -0.008858936176728262
#define TANH_5 0.003463917783613273
/* (log((1 + s) / (1 - s)) / s - 2) / z, z = s*s. Error 3.7e-17 */
#define LOG_0 0.6666666666666666
#define LOG_1 0.4000000000000088
#define LOG_2 0.28571428570803614
#define LOG_3 0.22222222391713917
#define LOG_4 0.18181795640132906
#define LOG_5 0.15386239702814658
#define LOG_6 0.13268773138656886
#define LOG_7 0.13086626147840102
/* (log((1 + s) / (1 - s)) / s - 2 - 2/3 * z) / z**2, z = s*s. Error 2.2e-17 */
#define LOG_TAIL_0 0.4
#define LOG_TAIL_1 0.28571428571428564
#define LOG_TAIL_2 0.22222222222228424
#define LOG_TAIL_3 0.18181818179658246
#define LOG_TAIL_4 0.15384615760977463
#define LOG_TAIL_5 0.13333296549572363
#define LOG_TAIL_6 0.11766812466114947
#define LOG_TAIL_7 0.10456341945425285
#define LOG_TAIL_8 0.10762291418628646
/* (sin(r) / r - 1) / z, z = r*r, for abs(r) <= pi / 4. Error 9.3e-18 */
#define SIN_0 -0.16666666666666666
#define SIN_1 0.008333333333333331
#define SIN_2 -0.00019841269841265065
#define SIN_3 2.7557319219339167e-06
#define SIN_4 -2.5052106232447578e-08
#define SIN_5 1.605853161898614e-10
#define SIN_6 -7.586697117706527e-13
/* (cos(r) - 1 + z / 2) / z**2, z = r*r. Error 2.3e-18 */
#define COS_0 0.041666666666666664
#define COS_1 -0.0013888888888888887
#define COS_2 2.4801587301584645e-05
#define COS_3 -2.7557319221402824e-07
#define COS_4 2.087675579108042e-09
#define COS_5 -1.1470460887609955e-11
#define COS_6 4.745871902043074e-14
/* erf(x) / x - 1, u = x*x - 0.3125, for abs(x) <= 0.875. Error 6.8e-18 */
#define ERF_0 0.021086488073378772
#define ERF_1 -0.31287464647761204
#define ERF_2 0.09046728432637183
#define ERF_3 -0.021102135797024687
#define ERF_4 0.004049991296688686
#define ERF_5 -0.0006567771475185799
#define ERF_6 9.201333451918784e-05
#define ERF_7 -1.1334912217122639e-05
#define ERF_8 1.2452249818736696e-06
#define ERF_9 -1.234134843181118e-07
#define ERF_10 1.1143745069068973e-08
#define ERF_11 -8.666276629203472e-10
/* 2 * erfc(x) * exp(x*x) - 1, t = (x - 2) / (x + 2), x from 0.875 to 3. Error 3.7e-17 */
#define ERFC_0 -0.4892086473789885
#define ERFC_1 -0.8543716948279159
#define ERFC_2 0.4833163884849363
#define ERFC_3 -0.15795716203185622
#define ERFC_4 0.0074657848072362575
#define ERFC_5 0.013994923522572252
#define ERFC_6 -0.0016942863012437324
#define ERFC_7 -0.0019639559424173155
#define ERFC_8 8.709968660834004e-05
#define ERFC_9 0.00034874684433283286
#define ERFC_10 5.532709559483088e-05
#define ERFC_11 -5.486530860535274e-05
#define ERFC_12 -2.995377490464851e-05
#define ERFC_13 -3.960075941603501e-06
#define LN_2_A 0.6931471805598903
#define LN_2_B 5.497923018708371e-14
#define HALF_PI_A 1.5707963267341256
#define HALF_PI_B 6.077100506303966e-11
#define HALF_PI_C 2.0222662487111665e-21
#define HALF_PI_D 8.4784276603689e-32
#define TWO_THIRDS_A 0.6666666666666666
#define TWO_THIRDS_B 3.700743415417188e-17

/* ---- bits of numbers and exact sums ------------------------------------------------------------------------------- */

VECTOR_MATH uint64_t vm_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, 8);
    return bits;
}

VECTOR_MATH double vm_number(uint64_t bits) {
    double x;
    memcpy(&x, &bits, 8);
    return x;
}

/* Adding SHIFT rounds to a whole number k, whose last bits are then the last bits of the sum. The functions of k read only these. */
#define SHIFT 6755399441055744.0 /* 1.5 * 2**52 */

/* Return 2**k for k from -1022 to 1023. */
VECTOR_MATH double vm_power_of_2(uint64_t k) { return vm_number((k + 1023) << 52); }

/* Two powers of 2 whose product is 2**k, for k from -2044 to 2046. A product with both, one after the other, is rounded only once. */
typedef struct {
    double first, second;
} Powers;

VECTOR_MATH Powers vm_powers_of_2(uint64_t k) {
    const uint64_t sum = k + 2 * 1023, half = sum >> 1;
    return (Powers) {vm_number(half << 52), vm_number((sum - half) << 52)};
}

VECTOR_MATH double vm_abs(double x) { return vm_number(vm_bits(x) & 0x7fffffffffffffffULL); }

VECTOR_MATH double vm_with_sign(double size, double sign) {
    return vm_number((vm_bits(size) & 0x7fffffffffffffffULL) | (vm_bits(sign) & 0x8000000000000000ULL));
}

/* `condition ? x : y`, with masks: for a branch, compilers make copies of the code that uses the result. */
VECTOR_MATH double vm_pick(int condition, double x, double y) {
    const uint64_t mask = condition ? ~0ULL : 0ULL;
    return vm_number((vm_bits(x) & mask) | (vm_bits(y) & ~mask));
}

/* The smaller number; x if x is nan. In this form, it is one instruction. */
VECTOR_MATH double vm_at_most(double x, double high) { return high < x ? high : x; }

/* x, but at least `low` and at most `high`; nan for nan. */
VECTOR_MATH double vm_limited(double x, double low, double high) { return vm_at_most(vm_pick(x < low, low, x), high); }

/* A pair of doubles: a number, and the part of it that the first one lost in rounding. */
typedef struct {
    double high, low;
} Pair;

/* The exact sum of two doubles (D. E. Knuth, The Art of Computer Programming 2, section 4.2.2). */
VECTOR_MATH Pair vm_sum(double x, double y) {
    const double sum = x + y, rest = sum - x;
    return (Pair) {sum, (x - (sum - rest)) + (y - rest)};
}

/* The first 26 bits of a number. */
VECTOR_MATH double vm_head(double x) { return vm_number(vm_bits(x) & 0xfffffffff8000000ULL); }

/* The product of two doubles with 105 bits or more, if it does not underflow (T. J. Dekker, Numerische Mathematik 18, 1971). */
VECTOR_MATH Pair vm_product(double x, double y) {
    const double xh = vm_head(x), xl = x - xh, yh = vm_head(y), yl = y - yh, product = x * y;
    return (Pair) {product, ((xh * yh - product) + xh * yl + xl * yh) + xl * yl};
}

/* (x.high + x.low) / (y.high + y.low) with 100 bits or more. */
VECTOR_MATH Pair vm_quotient(Pair x, Pair y) {
    const double inverse = 1.0 / y.high, quotient = x.high * inverse;
    const Pair product = vm_product(quotient, y.high);
    return (Pair) {quotient, (((x.high - product.high) - product.low) + x.low - quotient * y.low) * inverse};
}

/* ---- exp ---------------------------------------------------------------------------------------------------------- */

/* exp(x) = 2**k * (1 + r + rest), for x.high from -760 to 720 and a small x.low. The last bits of `k` are the last bits of k. */
typedef struct {
    uint64_t k;
    double r, rest;
} Exponential;

VECTOR_MATH Exponential vm_exponential(Pair x) {
    const double shifted = x.high * 1.4426950408889634 + SHIFT, k = shifted - SHIFT; /* 1 / log(2) */
    const double high = x.high - k * LN_2_A, low = k * LN_2_B - x.low; /* the first difference is exact */
    const double r = high - low, lost = (high - r) - low;
    const double r2 = r * r, r4 = r2 * r2, r8 = r4 * r4;
    const double sum = (((EXP_0 + r * EXP_1) + r2 * (EXP_2 + r * EXP_3)) + r4 * ((EXP_4 + r * EXP_5) + r2 * (EXP_6 + r * EXP_7)))
        + r8 * ((EXP_8 + r * EXP_9) + r2 * EXP_10);
    return (Exponential) {vm_bits(shifted), r, r2 * sum + lost};
}

VECTOR_MATH double vm_exp_of_pair(double high, double low) {
    const Exponential e = vm_exponential((Pair) {vm_limited(high, -760.0, 720.0), low});
    const double sum = 1.0 + e.r;
    const Powers powers = vm_powers_of_2(e.k);
    return (sum + (((1.0 - sum) + e.r) + e.rest)) * powers.first * powers.second;
}

VECTOR_MATH double vm_exp(double x) { return vm_exp_of_pair(x, 0.0); }

/* ---- tanh and the logistic function ------------------------------------------------------------------------------- */

/* t = tanh(h) for size = k * log(2) / 2 + h and abs(h) <= log(2) / 4. The sum first + more is t with more bits. The last bits
   of `k` are the last bits of k. With s = 2**-k, exp(-2 * size) is s * (1 - t) / (1 + t). Therefore

       tanh(size)              = (a + c * t) / (c + a * t)    for a = 1 - s and c = 1 + s
       1 / cosh(size)**2       = 4 * s * (1 - t * t) / (c + a * t)**2
       1 / (1 + exp(2 * size)) = s * (1 - t) / (c + a * t)

   If size is large, k is wrong and the functions replace the result. They do not limit the size before: the limits differ, and a
   loop that computes tanh and its derivative needs only one Tangent. */
typedef struct {
    double t, first, more;
    uint64_t k;
} Tangent;

VECTOR_MATH Tangent vm_tangent(double size) {
    const double shifted = size * 2.8853900817779268 + SHIFT, k = shifted - SHIFT; /* 2 / log(2) */
    const double first = size - k * (0.5 * LN_2_A), rest = k * (0.5 * LN_2_B), h = first - rest;
    const double z = h * h, z2 = z * z, z4 = z2 * z2;
    const double sum = ((TANH_0 + z * TANH_1) + z2 * (TANH_2 + z * TANH_3)) + z4 * (TANH_4 + z * TANH_5);
    const double more = h * z * sum - rest;
    return (Tangent) {first + more, first, more, vm_bits(shifted)};
}

VECTOR_MATH double vm_tanh(double x) {
    const double size = vm_abs(x);
    const Tangent p = vm_tangent(size);
    const double s = vm_power_of_2(-p.k), c = 1.0 + s, a = c - 2.0 * s; /* a / c is right even if s is lost in c */
    const double at = a * p.t, divisor = c + at, inverse = 1.0 / divisor;
    /* The quotient and `head` have 26 bits. Therefore their product is exact, and the sums of the rest are almost exact. */
    const double quotient = vm_head((a + c * p.t) * inverse), head = vm_head(divisor), tail = (c - head) + at;
    const double rest = ((((a - quotient * head) + p.first) + s * p.t) + p.more) - quotient * tail;
    return vm_with_sign(vm_pick(size > 22.0, 1.0, quotient + rest * inverse), x);
}

/* 1 / cosh(x)**2 */
VECTOR_MATH double vm_sech_squared(double x) {
    const double size = vm_abs(x);
    const Tangent p = vm_tangent(size);
    const Powers powers = vm_powers_of_2(-p.k);
    const double s = powers.first * powers.second, e = s + (1.0 - s) * p.t; /* c + a * t, less 1 */
    const double y = (4.0 - 4.0 * (p.t * p.t)) / (1.0 + e * (2.0 + e)); /* (1 + e)**2 would double the error of 1 + e */
    return vm_pick(size > 374.0, 0.0, y * powers.first * powers.second);
}

VECTOR_MATH double vm_sigmoid(double x) {
    const double size = vm_abs(x);
    const Tangent p = vm_tangent(0.5 * size);
    const Powers powers = vm_powers_of_2(-p.k);
    const double s = powers.first * powers.second, at = (1.0 - s) * p.t, divisor = (1.0 + s) + at, inverse = 1.0 / divisor;
    const double t = vm_pick(x < 0.0, -p.t, p.t);
    /* As in vm_tanh. */
    const double quotient = vm_head((1.0 + t) * inverse), head = vm_head(divisor), tail = ((1.0 - head) + s) + at;
    const double y = quotient + (((1.0 - quotient * head) + t) - quotient * tail) * inverse;
    const double inside = vm_pick(x < 0.0, y * powers.first * powers.second, y);
    return vm_pick(size > 746.0, vm_pick(x < 0.0, 0.0, 1.0), inside);
}

/* ---- log and pow -------------------------------------------------------------------------------------------------- */

/* x = 2**k * m for positive finite x, where m is from sqrt(1/2) to sqrt(2). */
typedef struct {
    double k, m;
} Parts;

VECTOR_MATH Parts vm_parts(double x) {
    const int subnormal = x < 2.2250738585072014e-308;
    const uint64_t bits = vm_bits(vm_pick(subnormal, x * 0x1p54, x));
    const uint64_t k = (bits - 0x3fe6a09e667f3bcdULL + 0x4000000000000000ULL) >> 52; /* plus 1024 */
    const double shifted = vm_number(0x4338000000000000ULL + k); /* SHIFT + k */
    return (Parts) {(shifted - SHIFT) - vm_pick(subnormal, 1078.0, 1024.0), vm_number(bits - (k << 52) + 0x4000000000000000ULL)};
}

VECTOR_MATH double vm_log(double x) {
    const Parts p = vm_parts(x);
    const double f = p.m - 1.0, s = f / (2.0 + f), z = s * s, z2 = z * z, z4 = z2 * z2;
    const double sum = ((LOG_0 + z * LOG_1) + z2 * (LOG_2 + z * LOG_3)) + z4 * ((LOG_4 + z * LOG_5) + z2 * (LOG_6 + z * LOG_7));
    const double half = 0.5 * f * f; /* log(1 + f) = f - half + s * (half + z * sum), as 2 * s = f - s * f */
    const double y = p.k * LN_2_A - ((half - (s * (half + z * sum) + p.k * LN_2_B)) - f);
    const double inside = x < INFINITY ? y : x;
    return x == 0.0 ? -INFINITY : x < 0.0 ? NAN : inside;
}

/* log(x) for positive finite x, with 67 bits or more. */
VECTOR_MATH Pair vm_log_pair(double x) {
    const Parts p = vm_parts(x);
    const double f = p.m - 1.0;
    const Pair s = vm_quotient((Pair) {f, 0.0}, vm_sum(2.0, f));
    const Pair square = vm_product(s.high, s.high);
    const double z = square.high, z_low = square.low + 2.0 * s.high * s.low, z2 = z * z, z4 = z2 * z2;
    const double sum = ((LOG_TAIL_0 + z * LOG_TAIL_1) + z2 * (LOG_TAIL_2 + z * LOG_TAIL_3))
        + z4 * (((LOG_TAIL_4 + z * LOG_TAIL_5) + z2 * (LOG_TAIL_6 + z * LOG_TAIL_7)) + z4 * LOG_TAIL_8);
    /* log(m) = 2 * s + s * z * (2/3 + z * sum) */
    const double tail = z * sum;
    const Pair factor = vm_sum(TWO_THIRDS_A, tail);
    const double factor_low = factor.low + TWO_THIRDS_B;
    const Pair cube = vm_product(s.high, z);
    const double cube_low = cube.low + (s.low * z + s.high * z_low);
    const Pair second = vm_product(cube.high, factor.high);
    const double second_low = second.low + (cube.high * factor_low + cube_low * factor.high);
    const Pair first = vm_sum(p.k * LN_2_A, 2.0 * s.high);
    const Pair total = vm_sum(first.high, second.high);
    return vm_sum(total.high, total.low + (first.low + ((2.0 * s.low + p.k * LN_2_B) + second_low)));
}

VECTOR_MATH int vm_is_whole(double size) { return (size >= 0x1p52) | ((size + 0x1p52) - 0x1p52 == size); }

VECTOR_MATH double vm_pow(double x, double y) {
    const double size = vm_abs(x), height = vm_abs(y), limit = 0x1p63;
    const double exponent = vm_limited(y, -limit, limit); /* beyond, every power is 0, 1 or infinite */
    const Pair log = vm_log_pair(size);
    const Pair product = vm_product(exponent, log.high);
    const Pair power = vm_sum(product.high, product.low + exponent * log.low);
    const double inside = vm_exp_of_pair(power.high, vm_limited(power.low, -1.0, 1.0));
    const double at_0 = y < 0.0 ? INFINITY : 0.0, at_infinity = y < 0.0 ? 0.0 : INFINITY;
    const double of_size = size == 0.0 ? at_0 : size == INFINITY ? at_infinity : inside;
    const int whole = vm_is_whole(height), odd = whole & !vm_is_whole(0.5 * height);
    const double with_sign = odd ? vm_with_sign(of_size, x) : of_size;
    const double outside = ((x < 0.0) & (size < INFINITY) & !whole) ? NAN : with_sign;
    const double with_nan = ((x == x) & (y == y)) ? outside : x + y;
    return ((x == 1.0) | (y == 0.0)) ? 1.0 : with_nan;
}

/* ---- erf and the Gaussian function ----------------------------------------------------------------------------------- */

/* exp(factor * x * x) as an exponential, for factors of at most -0.5. Beyond the limit, it is 0. The limit is a constant when the
   program is compiled if the factor is one. */
VECTOR_MATH Exponential vm_gaussian_exponential(double x, double factor) {
    const double size = vm_at_most(vm_abs(x), sqrt(760.0 / vm_abs(factor))), head = vm_head(size);
    return vm_exponential((Pair) {factor * (head * head), factor * ((size - head) * (size + head))});
}

VECTOR_MATH double vm_gaussian(double x, double factor) {
    const Exponential e = vm_gaussian_exponential(x, factor);
    const Powers powers = vm_powers_of_2(e.k);
    return (1.0 + (e.r + e.rest)) * powers.first * powers.second;
}

/* With exp(-x*x) = 2 * half * (1 + e) and 2 * erfc(x) * exp(x*x) = 1 + sum, 1 - erfc(x) is 1 - half * (1 + e) * (1 + sum). */
VECTOR_MATH double vm_erf(double x) {
    const double size = vm_abs(x), u = x * x - 0.3125, u2 = u * u, u4 = u2 * u2, u8 = u4 * u4;
    const double near_0 = (((ERF_0 + u * ERF_1) + u2 * (ERF_2 + u * ERF_3)) + u4 * ((ERF_4 + u * ERF_5) + u2 * (ERF_6 + u * ERF_7)))
        + u8 * ((ERF_8 + u * ERF_9) + u2 * (ERF_10 + u * ERF_11));
    const double far = vm_at_most(size, 6.0), t = (far - 2.0) / (far + 2.0);
    const double t2 = t * t, t4 = t2 * t2, t8 = t4 * t4;
    const double sum = (((ERFC_0 + t * ERFC_1) + t2 * (ERFC_2 + t * ERFC_3)) + t4 * ((ERFC_4 + t * ERFC_5) + t2 * (ERFC_6 + t * ERFC_7)))
        + t8 * (((ERFC_8 + t * ERFC_9) + t2 * (ERFC_10 + t * ERFC_11)) + t4 * (ERFC_12 + t * ERFC_13));
    const Exponential exponential = vm_gaussian_exponential(x, -1.0);
    const Powers powers = vm_powers_of_2(exponential.k);
    const double e = exponential.r + exponential.rest, half = 0.5 * powers.first * powers.second;
    const double other = (1.0 - half) - half * (e + (1.0 + e) * sum);
    return size < 0.875 ? x + x * near_0 : vm_with_sign(other, x);
}

/* ---- sin and cos -------------------------------------------------------------------------------------------------- */

/* Beyond this, and for nan, the functions return nan. The kernels then call the C library for these lanes. */
#define VM_SIN_LIMIT 1e6

/* x = k * pi / 2 + r, where r is from -pi / 4 to pi / 4, and the last bits of `quadrant` are the last bits of k. */
typedef struct {
    Pair r;
    uint64_t quadrant;
} Angle;

VECTOR_MATH Angle vm_angle(double x) {
    const double shifted = x * 0.6366197723675814 + SHIFT, k = shifted - SHIFT; /* 2 / pi */
    const Pair first = vm_sum(x - k * HALF_PI_A, -(k * HALF_PI_B)); /* up to here, without rounding */
    const Pair second = vm_sum(first.high, -(k * HALF_PI_C));
    return (Angle) {vm_sum(second.high, (second.low + first.low) - k * HALF_PI_D), vm_bits(shifted)};
}

VECTOR_MATH double vm_sin_near_0(Pair r) {
    const double z = r.high * r.high, z2 = z * z, z4 = z2 * z2;
    const double sum = ((SIN_0 + z * SIN_1) + z2 * (SIN_2 + z * SIN_3)) + z4 * ((SIN_4 + z * SIN_5) + z2 * SIN_6);
    return r.high + (r.high * z * sum + r.low * (1.0 - 0.5 * z));
}

VECTOR_MATH double vm_cos_near_0(Pair r) {
    const double z = r.high * r.high, z2 = z * z, z4 = z2 * z2, half = 0.5 * z, rest = 1.0 - half;
    const double sum = ((COS_0 + z * COS_1) + z2 * (COS_2 + z * COS_3)) + z4 * ((COS_4 + z * COS_5) + z2 * COS_6);
    return rest + (((1.0 - rest) - half) + (z2 * sum - r.high * r.low));
}

VECTOR_MATH double vm_sin_of_quadrant(Pair r, uint64_t quadrant) {
    const double size = (quadrant & 1) == 0 ? vm_sin_near_0(r) : vm_cos_near_0(r);
    return vm_number(vm_bits(size) ^ ((quadrant & 2) << 62));
}

VECTOR_MATH double vm_sin(double x) {
    const Angle angle = vm_angle(x);
    const double y = vm_sin_of_quadrant(angle.r, angle.quadrant);
    return x == 0.0 ? x : y;
}

VECTOR_MATH double vm_cos(double x) {
    const Angle angle = vm_angle(x);
    return vm_sin_of_quadrant(angle.r, angle.quadrant + 1);
}
