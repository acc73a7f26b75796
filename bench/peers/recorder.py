"""What Galvatron's dynamic programming would be given, for every choice of its outer loops."""

import contextlib
import io
import time
from typing import Any

from engine import Setting, engine, part

Strategy = list[Any]


class Recorder:
    """Stands in for one stage's dynamic programming: keeps what it is given, and finds no plan."""

    stages: list[dict[str, Any]] = []  # noqa: RUF012 - of the call that is running

    def __init__(self, max_mem: int, other_mem: dict[int, int], *_: Any) -> None:
        """Take the stage's memory and what embedding and head need of it, by tensor degree."""
        self.given: dict[str, Any] = {"limit": max_mem, "otherMemory": other_mem}

    def set_v_and_cost(self, memory: Any, intra: Any, inter: Any) -> None:
        """Keep the costs of a layer; all are alike."""
        self.stages.append(self.given | {"memory": memory[0], "time": intra[0], "reshard": inter[-1]})

    def fit(self) -> Any:
        """Find nothing, for each tensor degree of embedding and head."""
        degrees = self.given["otherMemory"]
        return {k: float("inf") for k in degrees}, dict.fromkeys(degrees), dict.fromkeys(degrees, -1)


def tables(setting: Setting) -> dict[str, Any]:
    """Run its search with the recorder in place, so that its own code fills the tables."""
    with engine(setting) as galvatron:
        programming, searching = part("dynamic_programming"), part("search_engine")
        spaces: list[dict[str, Any]] = []

        def recording(model: Any, pp: int, *call: Any) -> Any:
            Recorder.stages.clear()
            result = inner(model, pp, *call)
            spaces.append(space_of(model, int(pp), call, Recorder.stages))
            return result

        plain = programming.DPAlg
        inner = searching.DpOnModel._build_dp_and_run_multi_layer_type
        programming.DPAlg, searching.DpOnModel._build_dp_and_run_multi_layer_type = Recorder, recording
        started = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            galvatron.parallelism_optimization()
        seconds = time.process_time() - started
        programming.DPAlg, searching.DpOnModel._build_dp_and_run_multi_layer_type = plain, inner
    return {"layers": sum(galvatron.layernum_list), "seconds": seconds, "spaces": spaces}


def space_of(model: Any, pp: int, call: tuple[Any, ...], stages: list[dict[str, Any]]) -> dict[str, Any]:
    """Collect what one choice of its outer loops costs: a layer by strategy, and other layers by stage."""
    batch, micro_batch, min_tp, max_tp, vsp, embed_sdp, sp_search = call
    strategies = [s for s in model.strategies_set if s[0] == pp]
    data = model.gpu_num // pp
    function = model.parallel_args_list[0].optimal_chunk_func
    chunks = int(function(batch * min_tp // data, [pp, min_tp, data], micro_batch, min_tp))
    without = [layer_seconds(model, strategy, batch / chunks) for strategy in strategies]
    other = other_seconds(model, pp, micro_batch, min_tp, max_tp, vsp, embed_sdp)
    return {
        **{"pp": pp, "chunks": chunks, "minTp": min_tp, "maxTp": max_tp, "vsp": vsp, "embedSdp": embed_sdp},
        **{"spSearch": sp_search, "limit": int(stages[0]["limit"]), "strategies": strategies},
        "time": without,
        "perIteration": [max(0.0, float(all_) - own) for all_, own in zip(stages[0]["time"], without, strict=True)],
        "memory": [[int(megabytes) for megabytes in stage["memory"]] for stage in stages],
        "reshard": [[float(cost) for cost in row] for row in stages[0]["reshard"]],
        "others": [
            {
                "vtp": int(degree),
                "memory": [int(stage["otherMemory"][degree]) for stage in stages],
                "time": [float(seconds) for seconds in other[degree]],
            }
            for degree in stages[0]["otherMemory"]
        ],
    }


def arguments_of(model: Any) -> dict[str, Any]:
    """Give the arguments of its cost models, for the one type of layer."""
    names = ("model_args", "train_args", "parallel_args", "profile_model_args", "profile_hardware_args")
    return {name: getattr(model, f"{name}_list")[0] for name in names}


def layer_seconds(model: Any, strategy: Strategy, batch: float) -> float:
    """Time a layer for one micro-batch, without the exchange of gradients."""
    cost = part("cost_model").TimeCostModel(strategy, batch, no_comm=True, **arguments_of(model))
    return float(cost.gen_result())


def other_seconds(model: Any, pp: int, micro_batch: int, *space: Any) -> Any:
    """Time embedding and head in each stage for one micro-batch, without exchanging gradients, by tensor degree."""
    min_tp, max_tp, vsp, embed_sdp = space
    cost = part("cost_model").OtherTimeCostModel(
        *(micro_batch, pp, model.n_gpu, vsp, embed_sdp, min_tp, max_tp, model.sequence_len), **arguments_of(model)
    )
    return cost.gen_result()[1]
