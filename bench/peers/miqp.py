"""The planning problem as the UniAP paper writes it (arXiv 2307.16375, section 3.3), solved by SCIP.

Products of four binaries are written as products of two products, each a variable; those of two stay, for SCIP to
linearise as it sees fit. Added to the paper's constraints is only that stages are in order, which they leave open:
without it a permuted order would pay for no transfer.
"""

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from pyscipopt import Model, quicksum


def build(instance: dict[str, Any]) -> Model:
    """Write the paper's model of one (pp, c)."""
    layers = range(len(instance["layers"]))
    stages = range(instance["pipelineDegree"])
    strategies = range(len(instance["reshard"]))
    time_, memory = ([layer[table] for layer in instance["layers"]] for table in ("time", "memory"))
    edges = [(u, u + 1) for u in layers[:-1]]

    model = Model("UniAP")
    model.hideOutput()
    place = {(u, i): model.addVar(f"P[{u},{i}]", "B") for u in layers for i in stages}
    choose = {(u, k): model.addVar(f"S[{u},{k}]", "B") for u in layers for k in strategies}
    stage_time = [model.addVar(f"p[{i}]") for i in stages]
    boundary_time = [model.addVar(f"o[{j}]") for j in stages[:-1]]
    slowest = model.addVar("max")

    for u in layers:
        model.addCons(quicksum(place[u, i] for i in stages) == 1)
        model.addCons(quicksum(choose[u, k] for k in strategies) == 1)

    both: dict[Any, Any] = {}

    def product(a: Any, b: Any) -> Any:
        key = (a.name, b.name)
        if key not in both:
            both[key] = model.addVar(f"{a.name}*{b.name}", "B")
            model.addConsAnd([a, b], both[key])
        return both[key]

    def resharding(costs: list[list[float]], u: int, v: int) -> Any:
        pairs = ((k, m) for k in strategies for m in strategies if costs[k][m] > 0)
        return quicksum(costs[k][m] * product(choose[u, k], choose[v, m]) for k, m in pairs)

    for i in stages:
        inside = quicksum(place[u, i] * quicksum(time_[u][k] * choose[u, k] for k in strategies) for u in layers)
        between = quicksum(product(place[u, i], place[v, i]) * resharding(instance["reshard"], u, v) for u, v in edges)
        model.addCons(stage_time[i] >= inside + between)
        model.addCons(slowest >= stage_time[i])
        used = quicksum(place[u, i] * quicksum(memory[u][k] * choose[u, k] for k in strategies) for u in layers)
        model.addCons(used <= instance["memoryLimit"])
        model.addCons(quicksum(place[u, i] for u in layers) >= 1)
    for j in stages[:-1]:
        across = quicksum(
            product(place[u, j], place[v, j + 1]) * resharding(instance["transfer"], u, v) for u, v in edges
        )
        model.addCons(boundary_time[j] >= across)
        model.addCons(slowest >= boundary_time[j])
    contiguous(model, place, edges, stages)
    in_order(model, place, edges, stages)

    total = quicksum(stage_time) + quicksum(boundary_time) + (instance["microBatches"] - 1) * slowest
    model.setObjective(total, "minimize")
    return model


def contiguous(model: Model, place: Any, edges: list[tuple[int, int]], stages: range) -> None:
    """Add the paper's Z[u,i]: whether layer u or one after it is in stage i."""
    layers = {u for edge in edges for u in edge}
    later = {(u, i): model.addVar(f"Z[{u},{i}]", ub=1) for u in layers for i in stages}
    for i in stages:
        for u in layers:
            model.addCons(later[u, i] >= place[u, i])
        for u, v in edges:
            model.addCons(later[v, i] <= later[u, i])
            model.addCons(later[v, i] <= place[v, i] - place[u, i] + 1)


def in_order(model: Model, place: Any, edges: list[tuple[int, int]], stages: range) -> None:
    """Let no layer stand in an earlier stage than the one before it."""
    for u, v in edges:
        for i in stages[:-1]:
            upto = range(i + 1)
            model.addCons(quicksum(place[v, j] for j in upto) <= quicksum(place[u, j] for j in upto))


def main() -> None:
    """Solve one instance of a file, and print what came of it as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("name")
    parser.add_argument("--time-limit", type=float, default=120)
    given = parser.parse_args()
    [instance] = (e["instance"] for e in json.loads(given.file.read_text()) if e["name"] == given.name)
    started = time.process_time()
    model = build(instance)
    # As long as a CPU works on it, whatever else the machine does.
    model.setParam("timing/clocktype", 1)
    model.setParam("limits/time", given.time_limit)
    model.optimize()
    found = model.getNSols() > 0
    answer = {
        "status": model.getStatus(),
        "value": model.getObjVal() if found else None,
        "lowerBound": model.getDualbound(),
        "nodes": model.getNNodes(),
        "seconds": time.process_time() - started,
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
