"""The instruction set of a ``Program``. An instruction is eight ints: its kind, then its operands.

``out``, ``x``, ``bias`` and similar operands are offsets in the array of values; ``from`` is an offset in the array of
adjoints. A target tells an instruction where to add a gradient:

    2 * offset        add it to the adjoint at this offset
    2 * offset + 1    overwrite the adjoint: this is the first contribution to it
    negative          discard it

``code`` is the number of a row of the table in ``ops.py``. Operands marked - are unused.

    Forward
    UNARY                           code, out, x, keep
    BINARY                          code, out, x, y
    BROADCAST                       -, out, x: copy a scalar to all lanes
    DOT                             -, out, bias, number of terms, start in `terms`
    NEURON                          -, out, bias, number of terms, start in `terms`, -, first weight
    TAKE                            -, out, index, number of items, start in `terms`
    LAYER                           -, number of neurons: the NEURONs that follow have the same inputs
    RUN                             -, out, bias, number of terms, first left operand, first right operand

    Backward
    UNARY_BACK                      code, target, from, out, x, keep
    BINARY_BACK_X, BINARY_BACK_Y    code, target, from, out, x, y, reached
    DOT_BACK                        -, target of the bias, from, number of terms, start in `terms`, start in `targets`
    NEURON_BACK                     like DOT_BACK, then the first weight
    TAKE_BACK                       -, index, from, number of items, -, start in `targets`
    LAYER_BACK                      -, number of neurons: the NEURON_BACKs that follow have the same inputs
    RUN_BACK                        target of the bias, from, number of terms, first left operand, first right operand, first
                                    target of the left operands or -1, first target of the right operands or -1
    REDUCE                          -, target, from: add the sum over lanes to a scalar adjoint
    CLEAR                           -, target: mark an adjoint as not reached by any gradient

`keep` is 1 if only a UNARY and its UNARY_BACK read x. The UNARY may then replace x with the partial, which the UNARY_BACK
reads instead of computing it. The kernels for ``exact=False`` do this for functions that share work with their partial.

`reached` is 1 for a product that a gradient reaches in every lane. The loop then need not look for adjoints of -0.0.

A NEURON is a DOT with scalar weights, a scalar bias and wide inputs. Its first weight is negative if its weights are not
contiguous. A RUN is a DOT of scalars whose left operands are contiguous and whose right operands are contiguous. A LAYER or
LAYER_BACK changes no number. It says that the neurons after it may be computed together: they have the same inputs, and each
has contiguous weights and contiguous targets of the weights.
"""

UNARY, BINARY, BROADCAST, DOT, NEURON, TAKE, LAYER, RUN = range(8)
UNARY_BACK, BINARY_BACK_X, BINARY_BACK_Y, DOT_BACK, NEURON_BACK, TAKE_BACK, LAYER_BACK, REDUCE, CLEAR, RUN_BACK = range(8, 18)


def as_constants() -> str:
    """Return the kinds as C constants, the text of ``_instructions.pxd``. Cython writes a switch only for constants.

    >>> as_constants().splitlines()[1:4]
    ['cdef enum:', '    UNARY = 0', '    BINARY = 1']
    """
    kinds = [f"    {name} = {number}" for name, number in globals().items() if name.isupper()]
    return "\n".join(["# Generated from instructions.py by setup.py. Do not edit.", "cdef enum:", *kinds, ""])
