"""Search with Hetu-Galvatron, hand its costs over as tables, or price a plan by its own cost model."""

import argparse
import contextlib
import io
import json
import sys
import time
from pathlib import Path
from typing import Any

from engine import Setting, engine, part
from recorder import arguments_of, other_seconds, tables


def search(setting: Setting) -> dict[str, Any]:
    """Let it search, from its costs to its plan: CPU seconds, and the plan with the cost that it expects."""
    with engine(setting) as galvatron:
        best: dict[str, Any] = {"throughput": 0.0}
        inner = galvatron.dynamic_programming

        def recording(*call: Any) -> Any:
            result = inner(*call)
            if result["throughput"] > best["throughput"]:
                _, _, chunks, _, division, min_tp, max_tp, vsp, embed_sdp, sp_search, _ = call
                space = {"chunks": chunks, "minTp": min_tp, "maxTp": max_tp, "vsp": vsp}
                space |= {"embedSdp": embed_sdp, "spSearch": sp_search}
                best.update(result, **space, division=division[result["min_pp_deg"]])
            return result

        galvatron.dynamic_programming = recording
        started = time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            galvatron.parallelism_optimization()
        seconds = time.process_time() - started
    plan = {name: best[name] for name in ("chunks", "minTp", "maxTp", "vsp", "embedSdp", "spSearch", "vtp")}
    plan["pp"] = int(best["min_pp_deg"])
    plan["division"] = [int(count) for count in best["division"]]
    plan["strategies"] = [strategy for stage in best["min_res_list"] for strategy in stage]
    return {"seconds": seconds, "ownCost": best["min_cost"], "plan": plan}


def price(setting: Setting, plan: dict[str, Any]) -> float:
    """Price a plan by its final cost model. Seconds."""
    with engine(setting) as galvatron:
        cost = part("cost_model")
        galvatron.n_gpu, galvatron.sequence_len = setting.gpus, galvatron.seqlen_list
        pp, chunks, min_tp = plan["pp"], plan["chunks"], plan["minTp"]
        micro_batch = setting.batch // (setting.gpus // pp // min_tp) // chunks
        space = (min_tp, plan["maxTp"], plan["vsp"], plan["embedSdp"])
        other = other_seconds(galvatron, pp, micro_batch, *space)[plan["vtp"]]
        lists = [[argument] for argument in arguments_of(galvatron).values()]
        return float(
            cost.pipeline_costmodel(
                *(cost.TimeCostModel, galvatron.layernum_list, *lists, plan["strategies"], plan["division"]),
                *([chunks], setting.batch, min_tp, other),
            )
        )


def main() -> None:
    """Do one of the three, and print JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("task", choices=["search", "tables", "price"])
    for name in ("nodes", "gpus-per-node", "memory-gib", "batch"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--plan", type=Path)
    given = parser.parse_args()
    setting = Setting(given.nodes, given.gpus_per_node, given.memory_gib, given.batch)
    if given.task == "search":
        answer: Any = search(setting)
    elif given.task == "tables":
        answer = tables(setting)
    else:
        answer = price(setting, json.loads(given.plan.read_text()))
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
