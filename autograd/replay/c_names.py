"""Names that a function in C must not have: keywords, functions of the library, and names that the file itself uses."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


KEYWORDS = _words("""
    alignas alignof asm auto bool break case catch char class const constexpr continue default delete do double else
    enum explicit export extern false float for friend fortran goto if inline int long mutable namespace new nullptr
    operator private protected public register restrict return short signed sizeof static static_assert struct switch
    template this thread_local throw true try typedef typeid typename typeof union unsigned using virtual void
    volatile while main
""")  # of C and C++, and the name of the program's first function
_OF_DOUBLES = _words("""
    acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp10 exp2 expm1 fabs fdim finite
    floor fma fmax fmin fmod frexp gamma hypot ilogb isinf isnan j0 j1 jn ldexp lgamma llrint llround log log10 log1p
    log2 logb lrint lround modf nan nearbyint nextafter nexttoward pow remainder remquo rint round scalb scalbln
    scalbn significand sin sincos sinh sqrt tan tanh tgamma trunc y0 y1 yn
""")
MATH = frozenset(name + suffix for name in _OF_DOUBLES for suffix in ("", "f", "l")) | {
    "fpclassify", "isfinite", "isgreater", "isless", "isnormal", "isunordered", "signbit", "signgam",
}  # fmt: skip
LIBRARY = _words("""
    abort abs accept access alarm assert atexit atof atoi atol atoll bcmp bcopy bind brk bsearch bzero calloc chdir
    chmod chown clearerr clock close connect creat ctime difftime div dup dup2 environ errno execl execv execve exit
    fclose feof ferror fflush fgetc fgets fileno fopen fork fprintf fputc fputs fread free freopen fscanf fseek fstat
    ftell fwrite getc getchar getcwd getenv getpid gets gmtime htonl htons index ioctl isalnum isalpha iscntrl isdigit
    islower isprint isspace isupper kill labs ldiv link listen llabs localtime longjmp lseek malloc mblen memchr
    memcmp memcpy memmove memset mkdir mktime mmap nice open pause perror pipe poll printf putc putchar puts qsort
    raise rand random read readlink realloc recv remove rename rewind rindex rmdir scanf select send setbuf setjmp
    setvbuf signal sleep snprintf socket sprintf srand srandom sscanf stat stderr stdin stdout strcat strchr strcmp
    strcoll strcpy strcspn strdup strerror strftime strlen strncat strncmp strncpy strpbrk strrchr strspn strstr
    strtod strtok strtol strtoll strtoul strxfrm swab symlink sync system time times tmpfile tmpnam tolower toupper
    umask uname ungetc unlink usleep va_arg va_end va_start vfprintf vprintf vsprintf wait waitpid write
""")  # a function of this name would replace the one of the library in the whole program
MACROS = _words("""
    DOMAIN EDOM EOF ERANGE FP_FAST_FMA FP_ILOGB0 FP_ILOGBNAN FP_INFINITE FP_NAN FP_NORMAL FP_SUBNORMAL FP_ZERO HUGE HUGE_VAL
    HUGE_VALF HUGE_VALL INFINITY MATH_ERREXCEPT MATH_ERRNO MAXFLOAT M_1_PI M_2_PI M_2_SQRTPI M_E M_LN10 M_LN2 M_LOG10E
    M_LOG2E M_PI M_PI_2 M_PI_4 M_SQRT1_2 M_SQRT2 NAN NULL OVERFLOW PLOSS SING TLOSS UNDERFLOW double_t errno float_t i386
    linux math_errhandling max_align_t offsetof ptrdiff_t size_t unix wchar_t
""")  # of the headers that the file includes, and of compilers for Linux; and types
_USED = re.compile(r"\b(\w+)(?=\(|\[\] =| = \d+[, ])|#define (\w+)")


def why_unusable(name: str, text: str) -> str:
    """Return the reason why a function must not have this name, or ``""``.

    Args:
        name: An identifier.
        text: The source file, written with another name for the function.

    >>> why_unusable("int", ""), why_unusable("sin", ""), why_unusable("tree", "static double tree(int x);")
    ('a keyword of C or C++', 'a function of the C library', 'used in the file itself')
    >>> why_unusable("model", "")
    ''
    """
    if name in KEYWORDS:
        return "a keyword of C or C++"
    if name in MATH or name in LIBRARY:
        return "a function of the C library"
    if name.startswith("__") or re.match("_[A-Z]", name):
        return "reserved for the compiler"
    if name in MACROS:
        return "a macro or a type of the C library"
    code = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    used = {word for found in _USED.findall(code) for word in found}
    return "used in the file itself" if name in used else ""
