/* Memory management of Values. Nodes are stored in memory in the order of recording, and deep graphs are freed without
   recursion. */
#include <stdlib.h>
#include "_node.h"
#ifndef _WIN32
#include <sys/mman.h>
#endif
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(place, size)
#define ASAN_UNPOISON_MEMORY_REGION(place, size)
#endif

/* ---- memory for nodes -----------------------------------------------------------------------------------------
   Consecutively recorded nodes are stored consecutively in memory, in every training step. This makes traversals of a graph
   two to three times faster than with memory that is reused in the order in which it was freed.

   Nodes are allocated from blocks. A block allocates its slots in order, and starts again when all its nodes are freed. A
   block is sparse if more than half of its nodes are freed. Slots of sparse blocks are reused out of order only if there are
   many sparse blocks. This prevents a few living nodes from keeping much memory allocated. All of this runs under the global
   interpreter lock.

   The address sanitizer (`make sanitize`) only knows whole blocks, so slots without a living node are marked for it. */

#define SPARSE_ALLOWED 64  /* maximum number of sparse blocks before their freed slots are reused (4 MB) */
#define EMPTY_KEPT 1024    /* maximum number of empty blocks kept for the next graph (64 MB) */

typedef struct Block {
    struct Block *next, *previous; /* neighbors in one of the lists */
    char *unused;                  /* the first slot not used since the block was last empty */
    void *dead;                    /* linked list of the slots freed since the block was last empty */
    int living;                    /* number of living nodes */
    int is_sparse;                 /* whether it is in the list `sparse` */
} Block;

typedef struct { Block *first; int count; } BlockList;

static Block *current = NULL;
static BlockList empty = {NULL, 0}, sparse = {NULL, 0};
static int refilling = 0; /* whether freed slots of the current block are being reused */
#define NODES_IN_BLOCK ((int) SLOTS - 1) /* the first slot is the header */
_Static_assert(sizeof(Block) <= sizeof(Node), "the header of a block must fit into one slot");

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

#ifdef _WIN32

static Block *new_block(void) { return _aligned_malloc(BLOCK_SIZE, BLOCK_SIZE); }
static void delete_block(Block *block) { _aligned_free(block); }

#else

/* Blocks are pages of the operating system, not of malloc, which may keep the pages of a freed block for itself. All pages of a
   block will be used, so Linux is asked for all of them at once. */

#ifndef MAP_POPULATE
#define MAP_POPULATE 0
#endif

static char *map_pages(size_t size) {
    void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    return pages == MAP_FAILED ? NULL : pages;
}

static Block *new_block(void) {
    char *pages = map_pages(BLOCK_SIZE); /* aligned in most cases: the system puts it next to the previous block */
    if (!pages || (size_t) pages % BLOCK_SIZE == 0) return (Block *) pages;
    munmap(pages, BLOCK_SIZE);
    if (!(pages = map_pages(2 * BLOCK_SIZE))) return NULL;
    size_t before = (BLOCK_SIZE - (size_t) pages % BLOCK_SIZE) % BLOCK_SIZE; /* unmap what is not aligned */
    if (before) munmap(pages, before);
    munmap(pages + before + BLOCK_SIZE, BLOCK_SIZE - before);
    return (Block *) (pages + before);
}

static void delete_block(Block *block) {
    ASAN_UNPOISON_MEMORY_REGION(block, BLOCK_SIZE); /* the addresses may be used for something else */
    munmap(block, BLOCK_SIZE);
}

#endif

static char *first_slot(Block *block) { return (char *) block + sizeof(Node); }
static int has_unused(Block *block) { return block->unused < (char *) block + SLOTS * sizeof(Node); }
static Block *block_of(void *node) { return (Block *) ((size_t) node & ~(size_t) (BLOCK_SIZE - 1)); }

static void reset_block(Block *block) {
    block->unused = first_slot(block);
    block->dead = NULL;
    block->living = block->is_sparse = 0;
    ASAN_POISON_MEMORY_REGION(first_slot(block), BLOCK_SIZE - sizeof(Node));
}

/* Replace the current block with another. Return 0 if out of memory. */
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
    reset_block(block);
    current = block;
    return 1;
}

static inline void *allocate_node(void) {
    char *node;
    if (!current || !(refilling ? current->dead != NULL : has_unused(current))) {
        if (!next_block()) return PyErr_NoMemory();
    }
    node = refilling ? current->dead : current->unused;
    ASAN_UNPOISON_MEMORY_REGION(node, sizeof(Node));
    ASAN_UNPOISON_MEMORY_REGION(numbers_in(node), sizeof(Numbers));
    if (refilling) current->dead = *(void **) node;
    else current->unused += sizeof(Node);
    current->living++;
    return node;
}

static inline void free_node(void *node) {
    Block *block = block_of(node);
    *(void **) node = block->dead;
    block->dead = node;
    ASAN_POISON_MEMORY_REGION(node, sizeof(Node));
    ASAN_POISON_MEMORY_REGION(numbers_in(node), sizeof(Numbers));
    block->living--;
    if (block == current) {
        if (block->living == 0) {
            reset_block(block);
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

/* ---- creating and freeing nodes ------------------------------------------------------------------------------ */

static Node fresh; /* a new leaf; copying it initializes a node in a few instructions */

/* Allocate a copy of it with the given data, without counting its references to None. */
static inline Node *copy_fresh(double data) {
    Node *node = allocate_node();
    if (!node) return NULL;
    *node = fresh;
    *numbers_in(node) = (Numbers) {data, 0.0};
    return node;
}

static inline PyObject *make_node(double data) {
    Node *node = copy_fresh(data);
    if (!node) return NULL;
    Py_INCREF(Py_None); /* a, b and label */
    Py_INCREF(Py_None);
    Py_INCREF(Py_None);
    return (PyObject *) node;
}

/* Create a node with operands, each a Value or None. Every field is written once. */
static inline PyObject *make_computed(
    double data, int code, int kind, PyObject *a, double partial_a, PyObject *b, double partial_b
) {
    Node *node = copy_fresh(data);
    if (!node) return NULL;
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

static PyObject *allocate_for_type(PyTypeObject *type, Py_ssize_t items) { /* called by Value(...) */
    (void) type;
    (void) items;
    return (PyObject *) copy_fresh(0.0);
}

/* Freeing a node may free its operands, and so on along a chain of any length. First operands are freed in a loop, other
   operands by recursion. Beyond a maximum depth, the nodes to free are added to a linked list instead. The link is stored in
   the first word of the freed node, which held the reference count. The depth is reset only when the list is empty; otherwise,
   emptying the list would recurse. */

#define MAX_DEPTH 200
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
    if (free_depth == MAX_DEPTH) {
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

static destructor free_operands; /* the destructor of Terms generated by Cython */
static size_t partials_offset; /* offset of the field in Terms, in bytes */

static void free_terms(PyObject *object) {
    PyMem_Free(*(double **) ((char *) object + partials_offset));
    free_operands(object);
}

/* ---- installation -------------------------------------------------------------------------------------------- */

/* Install the functions above in the types Value and Terms. The examples are only used to find offsets of fields. */

static int manage_memory(PyObject *value, void *example, unsigned int *its_place, PyObject *terms, void *example_of_terms,
                         double **its_partials) {
    PyTypeObject *value_type = (PyTypeObject *) value, *terms_type = (PyTypeObject *) terms;
    if (value_type->tp_basicsize != sizeof(Node) || (char *) its_place - (char *) example != offsetof(Node, place)) {
        PyErr_SetString(PyExc_SystemError, "autograd build error: the fields of Value differ between _memory.h and value.pxd");
        return -1;
    }
    Py_INCREF((PyObject *) example); /* never freed, because it was allocated by the default allocator */
    PyObject_Init((PyObject *) &fresh, value_type);
    fresh.a = fresh.b = fresh.label = Py_None;
    fresh.code = -1;
    value_type->tp_alloc = allocate_for_type;
    value_type->tp_dealloc = free_value;
    value_type->tp_free = free_node;
    partials_offset = (size_t) ((char *) its_partials - (char *) example_of_terms);
    free_operands = terms_type->tp_dealloc;
    terms_type->tp_dealloc = free_terms;
    return 0;
}
