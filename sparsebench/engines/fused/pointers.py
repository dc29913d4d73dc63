"""Arrays as bare pointers, because Numba would count references to arrays at every call."""

from sparsebench.engines.fused.memory import PlanArrays, Scratch, State
from sparsebench.engines.fused.simd import jit, pointer


@jit
def plan_pointers(plan):
    """A sparse layout's arrays as pointers; the kernel's caller keeps the arrays alive."""
    return PlanArrays(
        pointer(plan.network),
        pointer(plan.blocks),
        pointer(plan.starts),
        pointer(plan.columns),
        pointer(plan.back_starts),
        pointer(plan.back_rows),
        pointer(plan.back_entries),
        pointer(plan.holes),
    )


@jit
def state_pointers(state):
    """A network's state as pointers."""
    return State(
        pointer(state.parameters),
        pointer(state.means),
        pointer(state.squares),
        pointer(state.movements),
    )


@jit
def scratch_pointers(scratch):
    """Scratch as pointers."""
    return Scratch(
        pointer(scratch.units),
        pointer(scratch.unit_gradients),
        pointer(scratch.gates),
        pointer(scratch.states),
        pointer(scratch.cells),
        pointer(scratch.carried),
        pointer(scratch.letters),
        pointer(scratch.read),
        pointer(scratch.logits),
        pointer(scratch.transposed),
        pointer(scratch.biases),
        pointer(scratch.gradient),
        pointer(scratch.block_gradient),
        pointer(scratch.tile_gradient),
        pointer(scratch.embedding),
    )
