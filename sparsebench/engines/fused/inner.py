"""How Numba compiles a kernel that only other kernels call: not by itself, but within each caller.

Numba makes every function ready to be called from Python: it optimises the function together with all
that it calls, and makes machine code of that. A kernel of many small functions, called in several
levels, is thus compiled several times over, and only the outermost code is ever run. Here a function
keeps its code as it was lowered; whoever calls it takes it in and optimises the whole once. That
halves the time of compilation, and the code is as fast (docs/design/decisions/0002-fused-engine.md).
"""

from __future__ import annotations

from typing import Any

from numba import _dynfunc
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering

_NO_CODE = 0
"""Address of a function that Python cannot call."""


class _Lowered(JITCodeLibrary):
    """The code of a function and of those that it calls, neither optimised nor executable."""

    def finalize(self) -> None:
        """Take in the code of those that the function calls."""
        for library in dict.fromkeys(self._linking_libraries):
            self._reload_init.update(library._reload_init)
            self._final_module.link_in(library._get_module_for_linking(), preserve=True)
        self._finalized = True


@register_pass(mutates_CFG=True, analysis_only=False)
class _LoweringForCallers(NativeLowering):
    """Numba's last step, without machine code."""

    _name = "lowering_for_callers"

    def run_pass(self, state: Any) -> bool:
        """Lower the function, and let callers know it."""
        name = state.func_id.func_qualname
        state.library = _Lowered(state.targetctx.codegen(), name)
        state.flags.no_compile = True
        super().run_pass(state)
        lowered = state["cr"]
        function = _dynfunc.make_function(
            lowered.fndesc.lookup_module(), name, "", _NO_CODE, lowered.env, (state.library,)
        )
        state.targetctx.insert_user_function(function, lowered.fndesc, [state.library])
        state["cr"] = lowered._replace(cfunc=function)
        return True


class InnerCompiler(CompilerBase):
    """Compiles functions for compiled callers, as `pipeline_class` of `numba.njit`."""

    def define_pipelines(self) -> list[Any]:
        """Numba's own steps but for the last."""
        steps = DefaultPassBuilder.define_nopython_pipeline(self.state)
        steps.passes = [
            (_LoweringForCallers, what) if step is NativeLowering else (step, what)
            for step, what in steps.passes
        ]
        steps.finalize()
        return [steps]
