"""All traps, in the order of the report.

A trap checks expressions from small to large, so the first fault is the smallest one.
"""

from __future__ import annotations

from autograd.engines import arithmetic_traps, backward_traps, number_traps
from autograd.engines.trap import Trap

TRAPS: tuple[Trap, ...] = (
    arithmetic_traps.operators,
    arithmetic_traps.reflected_operators,
    arithmetic_traps.built_in_sum,
    arithmetic_traps.powers,
    arithmetic_traps.power_of_nodes,
    arithmetic_traps.power_of_a_number,
    arithmetic_traps.functions,
    backward_traps.node_used_twice,
    backward_traps.diamond,
    backward_traps.random_graphs,
    backward_traps.shared_nodes,
    backward_traps.second_backward,
    backward_traps.two_roots,
    backward_traps.deep_graph,
    backward_traps.cost_per_node,
    backward_traps.second_order,
    number_traps.numpy_scalars,
    number_traps.exp_of_large_numbers,
    number_traps.large_arguments,
    number_traps.log_of_zero,
    number_traps.relu_at_zero,
    number_traps.wrong_data,
    number_traps.no_output,
)
