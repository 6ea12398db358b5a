/* How Values get and give back their memory: deep graphs freed without recursion, and nodes that lie in memory in the
   order in which they were recorded. */
#include <stddef.h>
#include <stdlib.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(place, size)
#define ASAN_UNPOISON_MEMORY_REGION(place, size)
#endif

typedef struct { /* a Value: its fields as value.pxd lists them. What a leaf needs during backward is side by side. */
    PyObject_HEAD
    double data, grad;
    unsigned int place;
    short code;
    signed char kind;
    PyObject *a, *b;
    double partial_a, partial_b;
    PyObject *label;
} Node;

/* ---- memory for nodes -----------------------------------------------------------------------------------------
   Nodes recorded one after the other lie one after the other in memory, in every training step anew: that makes the
   walks over a graph two to three times as fast as with memory handed out in the order in which it was last freed.

   Nodes come from blocks. A block hands out its places in order; when all its nodes are dead it starts anew. Only a
   block of which more than half is dead, while there are many such, gets its dead places filled out of order: so that
   a few survivors cannot keep much memory. All this happens under Python's global lock.

   The address sanitizer (`make sanitize`) is told which places have no living node, as it knows only of whole blocks. */

#define BLOCK_SIZE 65536
#define SPARSE_ALLOWED 64  /* so many half-dead blocks may lie about (4 MB) */
#define EMPTY_KEPT 1024    /* so many empty ones wait for the next graph (64 MB) */

typedef struct Block {
    struct Block *next, *previous; /* in one of the lists */
    char *unused;                  /* the next place never used so far */
    void *dead;                    /* places freed since the block was last empty: a linked list */
    int living;                    /* nodes in it */
    int is_sparse;                 /* whether it is in the list of that name */
} Block;

typedef struct { Block *first; int count; } BlockList;

static Block *current = NULL;
static BlockList empty = {NULL, 0}, sparse = {NULL, 0};
static int refilling = 0; /* whether the current block is one whose dead places are filled */
#define NODES_IN_BLOCK ((int) ((BLOCK_SIZE - sizeof(Block)) / sizeof(Node)))

static void list_add(BlockList *list, Block *block) {
    block->previous = NULL;
    block->next = list->first;
    if (list->first) list->first->previous = block;
    list->first = block;
    list->count++;
}

static void list_remove(BlockList *list, Block *block) {
    if (block->previous) block->previous->next = block->next;
    else list->first = block->next;
    if (block->next) block->next->previous = block->previous;
    list->count--;
}

static Block *new_block(void) {
#ifdef _WIN32
    Block *block = _aligned_malloc(BLOCK_SIZE, BLOCK_SIZE);
#else
    Block *block = NULL;
    if (posix_memalign((void **) &block, BLOCK_SIZE, BLOCK_SIZE) != 0) return NULL;
#endif
    return block;
}

static void delete_block(Block *block) {
#ifdef _WIN32
    _aligned_free(block);
#else
    free(block);
#endif
}

static char *first_place(Block *block) { return (char *) block + sizeof(Block); }
static int has_unused(Block *block) { return block->unused + sizeof(Node) <= (char *) block + BLOCK_SIZE; }
static Block *block_of(void *node) { return (Block *) ((size_t) node & ~(size_t) (BLOCK_SIZE - 1)); }

static void start_anew(Block *block) {
    block->unused = first_place(block);
    block->dead = NULL;
    block->living = block->is_sparse = 0;
    ASAN_POISON_MEMORY_REGION(first_place(block), BLOCK_SIZE - sizeof(Block));
}

/* Retire the current block and make another the current one. Returns 0 if there is no memory. */
static int next_block(void) {
    Block *block;
    if (current && current->living < NODES_IN_BLOCK / 2) {
        current->is_sparse = 1;
        list_add(&sparse, current);
    }
    current = NULL;
    refilling = 0;
    if (empty.first) {
        list_remove(&empty, block = empty.first);
    } else if (sparse.count > SPARSE_ALLOWED) {
        list_remove(&sparse, block = sparse.first);
        block->is_sparse = 0;
        refilling = 1;
        current = block;
        return 1;
    } else if (!(block = new_block())) {
        return 0;
    }
    start_anew(block);
    current = block;
    return 1;
}

static inline void *allocate_node(void) {
    char *node;
    if (!current || !(refilling ? current->dead != NULL : has_unused(current))) {
        if (!next_block()) return PyErr_NoMemory();
    }
    if (refilling) {
        node = current->dead;
        ASAN_UNPOISON_MEMORY_REGION(node, sizeof(Node));
        current->dead = *(void **) node;
    } else {
        node = current->unused;
        ASAN_UNPOISON_MEMORY_REGION(node, sizeof(Node));
        current->unused += sizeof(Node);
    }
    current->living++;
    return node;
}

static inline void free_node(void *node) {
    Block *block = block_of(node);
    *(void **) node = block->dead;
    block->dead = node;
    ASAN_POISON_MEMORY_REGION(node, sizeof(Node));
    block->living--;
    if (block == current) {
        if (block->living == 0) {
            start_anew(block);
            refilling = 0;
        }
    } else if (block->living == 0) {
        if (block->is_sparse) list_remove(&sparse, block);
        if (empty.count < EMPTY_KEPT) list_add(&empty, block);
        else delete_block(block);
    } else if (!block->is_sparse && block->living < NODES_IN_BLOCK / 2) {
        block->is_sparse = 1;
        list_add(&sparse, block);
    }
}

/* ---- making and freeing -------------------------------------------------------------------------------------- */

static Node fresh; /* a leaf as it is when just made: copied, a node is ready in a few instructions */

static inline PyObject *make_node(double data) {
    Node *node = allocate_node();
    if (!node) return NULL;
    *node = fresh;
    node->data = data;
    Py_INCREF(Py_None); /* a, b and label */
    Py_INCREF(Py_None);
    Py_INCREF(Py_None);
    return (PyObject *) node;
}

/* A node with operands, each a Value or None. It is written once, rather than made a leaf and then changed. */
static inline PyObject *make_computed(
    double data, int code, int kind, PyObject *a, double partial_a, PyObject *b, double partial_b
) {
    Node *node = allocate_node();
    if (!node) return NULL;
    *node = fresh;
    node->data = data;
    node->code = (short) code;
    node->kind = (signed char) kind;
    node->partial_a = partial_a;
    node->partial_b = partial_b;
    Py_INCREF(a);
    node->a = a;
    Py_INCREF(b);
    node->b = b;
    Py_INCREF(Py_None); /* label */
    return (PyObject *) node;
}

static PyObject *allocate_for_type(PyTypeObject *type, Py_ssize_t items) { /* what Value(...) calls first */
    Node *node = allocate_node();
    (void) type;
    (void) items;
    if (!node) return NULL;
    *node = fresh;
    return (PyObject *) node;
}

/* Freeing a node frees its operands, and so on down a chain of any length: along first operands in a loop, along others
   by recursion. Beyond a certain depth, nodes to be freed wait in a linked list instead; the link is in the first word
   of the dead node, where its reference count was. The depth stays raised while the list is drained, or draining would
   recurse again. */

#define DEEPEST 200
static int free_depth = 0;
static PyObject *waiting = NULL;

static inline void free_chain(PyObject *object) {
    for (;;) {
        PyObject *a = ((Node *) object)->a, *b = ((Node *) object)->b, *label = ((Node *) object)->label;
        free_node(object);
        Py_DECREF(label);
        Py_DECREF(b);
        if (a == Py_None || Py_REFCNT(a) > 1) {
            Py_DECREF(a);
            return;
        }
        object = a;
    }
}

static void free_value(PyObject *object) {
    if (free_depth == DEEPEST) {
        *(PyObject **) object = waiting;
        waiting = object;
        return;
    }
    free_depth++;
    free_chain(object);
    while (free_depth == 1 && waiting) {
        object = waiting;
        waiting = *(PyObject **) object;
        free_chain(object);
    }
    free_depth--;
}

static destructor free_operands; /* of Terms, as Cython made it */
static size_t place_of_partials; /* in Terms: how many bytes from its beginning */

static void free_terms(PyObject *object) {
    PyMem_Free(*(double **) ((char *) object + place_of_partials));
    free_operands(object);
}

/* ---- all of it, once---------------------------------------------------------------- */

static int manage_memory(PyObject *value, void *example, unsigned int *its_place, PyObject *terms, void *example_of_terms,
                         double **its_partials) {
    PyTypeObject *value_type = (PyTypeObject *) value, *terms_type = (PyTypeObject *) terms;
    if (value_type->tp_basicsize != sizeof(Node) || (char *) its_place - (char *) example != offsetof(Node, place)) {
        PyErr_SetString(PyExc_SystemError, "autograd was built wrongly: _memory.h and value.pxd differ about the fields of a Value");
        return -1;
    }
    Py_INCREF((PyObject *) example); /* it was not made as from now on they are, and so must not be freed as they are */
    PyObject_Init((PyObject *) &fresh, value_type);
    fresh.a = fresh.b = fresh.label = Py_None;
    fresh.code = -1;
    value_type->tp_alloc = allocate_for_type;
    value_type->tp_dealloc = free_value;
    value_type->tp_free = free_node;
    place_of_partials = (size_t) ((char *) its_partials - (char *) example_of_terms);
    free_operands = terms_type->tp_dealloc;
    terms_type->tp_dealloc = free_terms;
    return 0;
}
