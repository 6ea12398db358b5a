/* A Value in memory.

   The data and the gradient of a Value are not in its object. They are at the end of its block of memory, next to the numbers
   of the other Values in the block. A step of an optimizer uses only these two numbers of each parameter, and they are 16
   bytes apart. In the objects, they would be 80 bytes apart. Both places are found from the address of the object, so a Value
   needs no pointer to them. */
#ifndef AUTOGRAD_NODE_H
#define AUTOGRAD_NODE_H
#include <stddef.h>

typedef struct { /* the object, with the fields of value.pxd: one cache line */
    PyObject_HEAD
    unsigned int place;
    short code;
    signed char kind;
    PyObject *a, *b;
    double partial_a, partial_b;
    PyObject *label;
} Node;

typedef struct { double data, grad; } Numbers;

/* A block has slots for objects, then slots for their numbers in the same order. The first slot for objects holds the header of
   the block, and the first slot for numbers is unused. */
#define BLOCK_SIZE 65536 /* in bytes. The address of a block is a multiple of this */
#define SLOTS (BLOCK_SIZE / (sizeof(Node) + sizeof(Numbers)))

static inline Numbers *numbers_in(void *node) {
    size_t offset = (size_t) node % BLOCK_SIZE;
    return (Numbers *) ((char *) node - offset + SLOTS * sizeof(Node) + offset * sizeof(Numbers) / sizeof(Node));
}

static inline double data_of(void *value) { return numbers_in(value)->data; }
static inline double grad_of(void *value) { return numbers_in(value)->grad; }
static inline void set_data(void *value, double number) { numbers_in(value)->data = number; }
static inline void set_grad(void *value, double number) { numbers_in(value)->grad = number; }
static inline void add_to_grad(void *value, double number) { numbers_in(value)->grad += number; }

#endif
