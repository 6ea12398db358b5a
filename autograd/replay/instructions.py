"""The instructions of a program: eight ints each, of which the first is the kind.

Places are offsets of values; a target is twice the offset of an adjoint, plus one if this contribution is the first to
come there, or negative if nobody wants it. What stands behind the kind (- for what does not matter):

    ONE                         row, out, x
    TWO                         row, out, x, y
    SPREAD                      -, out, x: a scalar is copied to all lanes
    DOT, NEURON                 -, out, bias, number of terms, where they begin in `terms`
    TAKE                        -, out, index, number of items, where they begin in `terms`

    GIVE_ONE                    row, target, from, out, x
    GIVE_X, GIVE_Y              row, target, from, out, x, y
    DOT_BACK, NEURON_BACK       -, target of the bias, from, number of terms, where in `terms`, where in `targets`
    RUN                         -, out, bias, number of terms, where the left ones begin, where the right ones (side by side)
    RUN_BACK                    target of the bias, from, number of terms, where both begin, and their targets, or -1
    TAKE_BACK                   -, index, from, number of items, -, where in `targets`
    LAYER                       -, -, -, inputs, where in `terms`: four neurons with the same inputs. There are the offsets of
                                their results, of their biases, of the weights of each, of the inputs
    LAYER_BACK                  -, -, -, inputs, where in `terms`, where in `targets`: there are the offsets of their adjoints,
                                the targets of their biases, of the weights of each, of the inputs
    COLLECT                     -, target, from: the sum over lanes goes to a scalar
    BLANK                       -, target: no gradient has come here yet
"""

ONE, TWO, SPREAD, DOT, NEURON, TAKE, LAYER, RUN = range(8)
GIVE_ONE, GIVE_X, GIVE_Y, DOT_BACK, NEURON_BACK, TAKE_BACK, LAYER_BACK, COLLECT, BLANK, RUN_BACK = range(8, 18)
