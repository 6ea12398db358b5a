/* How Values get and give back their memory: deep graphs freed without recursion, and nodes that lie in memory in the
   order in which they were recorded. */
#include <stdlib.h>
#include <string.h>

/* ---- freeing --------------------------------------------------------------------------------------------------
   Freeing a node frees its operands, and so on down a chain of any length. Beyond a certain depth, objects to be freed
   wait in a linked list instead of recursing; the link is in the first word of the dead object, where its reference
   count was. The depth stays raised while the list is drained, or draining would recurse again. */

#define DEEPEST 200
static int free_depth = 0;
static PyObject *waiting = NULL;
static PyTypeObject *value_type;
static destructor free_value, free_terms; /* as Cython made them */
static size_t place_of_partials;          /* in Terms: how many bytes from its beginning */

static void free_now(PyObject *object) {
    if (Py_TYPE(object) == value_type) {
        free_value(object);
    } else {
        PyMem_Free(*(double **) ((char *) object + place_of_partials));
        free_terms(object);
    }
}

static void free_without_recursion(PyObject *object) {
    if (free_depth == DEEPEST) {
        *(PyObject **) object = waiting;
        waiting = object;
        return;
    }
    free_depth++;
    free_now(object);
    while (free_depth == 1 && waiting) {
        PyObject *next = waiting;
        waiting = *(PyObject **) next;
        *(PyObject **) next = NULL;
        free_now(next);
    }
    free_depth--;
}

/* ---- memory for nodes -----------------------------------------------------------------------------------------
   Nodes recorded one after the other lie one after the other in memory, in every training step anew: that makes the
   walks over a graph two to three times as fast as with memory handed out in the order in which it was last freed.

   Nodes come from blocks. A block hands out its places in order; when all its nodes are dead it starts anew. Only a
   block of which more than half is dead, while there are many such, gets its dead places filled out of order: so that
   a few survivors cannot keep much memory. All this happens under Python's global lock. */

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
static size_t node_size;
static int nodes_in_block;

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
static int has_unused(Block *block) { return block->unused + node_size <= (char *) block + BLOCK_SIZE; }
static Block *block_of(void *node) { return (Block *) ((size_t) node & ~(size_t) (BLOCK_SIZE - 1)); }

static void start_anew(Block *block) {
    block->unused = first_place(block);
    block->dead = NULL;
    block->living = block->is_sparse = 0;
}

/* Retire the current block and make another the current one. Returns 0 if there is no memory. */
static int next_block(void) {
    Block *block;
    if (current && current->living < nodes_in_block / 2) {
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

static PyObject *allocate_node(PyTypeObject *type, Py_ssize_t items) {
    char *node;
    (void) items;
    if (!current || !(refilling ? current->dead != NULL : has_unused(current))) {
        if (!next_block()) return PyErr_NoMemory();
    }
    if (refilling) {
        node = current->dead;
        current->dead = *(void **) node;
    } else {
        node = current->unused;
        current->unused += node_size;
    }
    current->living++;
    memset(node, 0, node_size);
    return PyObject_Init((PyObject *) node, type);
}

static void free_node(void *node) {
    Block *block = block_of(node);
    *(void **) node = block->dead;
    block->dead = node;
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
    } else if (!block->is_sparse && block->living < nodes_in_block / 2) {
        block->is_sparse = 1;
        list_add(&sparse, block);
    }
}

/* ---- all of it, once, when the module is loaded ---------------------------------------------------------------- */

static void manage_memory(PyObject *value, PyObject *terms, void *example, double **partials_of_example) {
    place_of_partials = (size_t) ((char *) partials_of_example - (char *) example);
    value_type = (PyTypeObject *) value;
    free_value = value_type->tp_dealloc;
    free_terms = ((PyTypeObject *) terms)->tp_dealloc;
    value_type->tp_dealloc = ((PyTypeObject *) terms)->tp_dealloc = free_without_recursion;
    node_size = (size_t) value_type->tp_basicsize;
    nodes_in_block = (int) ((BLOCK_SIZE - sizeof(Block)) / node_size);
    value_type->tp_alloc = allocate_node;
    value_type->tp_free = free_node;
}
