"""The instruction set of a ``Program``. An instruction is eight ints: its kind, then its operands.

``out``, ``x``, ``bias`` and similar operands are offsets in the array of values; ``from`` is an offset in the array of
adjoints. A target tells an instruction where to add a gradient:

    2 * offset        add it to the adjoint at this offset
    2 * offset + 1    overwrite the adjoint: this is the first contribution to it
    negative          discard it

``code`` is the number of a row of the table in ``ops.py``. Operands marked - are unused.

    Forward
    UNARY                           code, out, x
    BINARY                          code, out, x, y
    BROADCAST                       -, out, x: copy a scalar to all lanes
    DOT, NEURON                     -, out, bias, number of terms, start in `terms`
    TAKE                            -, out, index, number of items, start in `terms`
    LAYER                           -, -, -, number of inputs, start in `terms`
    RUN                             -, out, bias, number of terms, first left operand, first right operand

    Backward
    UNARY_BACK                      code, target, from, out, x
    BINARY_BACK_X, BINARY_BACK_Y    code, target, from, out, x, y
    DOT_BACK, NEURON_BACK           -, target of the bias, from, number of terms, start in `terms`, start in `targets`
    TAKE_BACK                       -, index, from, number of items, -, start in `targets`
    LAYER_BACK                      -, -, -, number of inputs, start in `terms`, start in `targets`
    RUN_BACK                        target of the bias, from, number of terms, first left operand, first right operand, first
                                    target of the left operands or -1, first target of the right operands or -1
    REDUCE                          -, target, from: add the sum over lanes to a scalar adjoint
    CLEAR                           -, target: mark an adjoint as not reached by any gradient

A NEURON is a DOT with scalar weights, a scalar bias and wide inputs. A RUN is a DOT of scalars whose left operands are
contiguous and whose right operands are contiguous. A LAYER is four NEURONs with the same inputs. Its part of `terms` holds
the offsets of the four results, the four biases, the weights of each neuron, and the inputs. Its part of `targets` holds the
offsets of the four adjoints, then the targets of the biases, of the weights of each neuron, and of the inputs.
"""

UNARY, BINARY, BROADCAST, DOT, NEURON, TAKE, LAYER, RUN = range(8)
UNARY_BACK, BINARY_BACK_X, BINARY_BACK_Y, DOT_BACK, NEURON_BACK, TAKE_BACK, LAYER_BACK, REDUCE, CLEAR, RUN_BACK = range(8, 18)
