"""Plans are read as the operator writes them, and refused with a reason where they cannot be run."""

from typing import Any

import pytest

from uniap_runtime.failure import PlanError
from uniap_runtime.fit import check_fit
from uniap_runtime.models.families import build_chain
from uniap_runtime.plan import Place, Strategy, parse_plan
from uniap_runtime.training import Training

LLAMA = {
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 100,
}


def spec(stages: list[list[dict[str, Any]]], **fields: Any) -> dict[str, Any]:
    """A plan's spec."""
    return {
        "globalBatchSize": 8,
        "microBatches": 2,
        "gpus": len(stages),
        "stages": [{"layers": runs} for runs in stages],
        **fields,
    }


def test_defaults_are_those_of_the_resource() -> None:
    """A run without degrees is on one GPU; shards are those of FSDP."""
    plan = parse_plan(spec([[{"first": 0, "last": 1}]]))
    assert plan.places == (Place(0, 0, Strategy(zero_stage=3)),) * 2
    assert (plan.schedule, plan.chunks, plan.micro_batch_size) == ("1F1B", 1, 4)


def test_chunks_follow_one_another_through_the_stages() -> None:
    """The second chunk of the first stage comes after the first of the last."""
    stages = [
        [{"first": 0, "last": 0}, {"first": 2, "last": 2, "virtualStage": 1}],
        [{"first": 1, "last": 1}, {"first": 3, "last": 3, "virtualStage": 1}],
    ]
    plan = parse_plan(spec(stages, virtualStages=2, schedule="Interleaved1F1B"))
    assert [(place.stage, place.chunk) for place in plan.places] == [(0, 0), (1, 0), (0, 1), (1, 1)]


def test_numbers_may_be_strings() -> None:
    """Kubernetes has no fractions."""
    predicted = {"stepSeconds": "0.25", "modelFlopsUtilisation": "0.4"}
    plan = parse_plan(spec([[{"first": 0, "last": 1}]], predicted=predicted))
    assert plan.predicted is not None
    assert plan.predicted.step_seconds == 0.25


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (spec([[{"first": 1, "last": 1}]]), "layers 1 to 1 where layer 0 is next"),
        (spec([[{"first": 0, "last": 1, "tensor": 2}]]), "is 2 ranks, but a stage has 1"),
        (spec([[{"first": 0, "last": 1, "replicas": 8}]], gpus=8), "4 samples of a micro-batch do not divide among 8"),
        (spec([[{"first": 0, "last": 1}]], schedule="ZeroBubble"), "schedule ZeroBubble is unknown; use 1F1B, GPipe"),
        (spec([[{"first": 0, "last": 1}]], virtualStages=2), "stage 0 has no layers in chunk 1 of 2"),
        (spec([[{"first": 0, "last": 1, "recomputation": "Half"}]]), "layer 0: recomputation Half is unknown"),
        (spec([[{"first": 0, "last": 1}]], microBatches=3), "8 is not a multiple of 3 micro-batches"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(broken: dict[str, Any], message: str) -> None:
    """With what contradicts what."""
    with pytest.raises(PlanError, match=message):
        parse_plan(broken)


def fit(run: dict[str, Any], config: dict[str, Any], length: int = 8) -> None:
    """Check a plan of one stage for a model."""
    gpus = run.get("tensor", 1)
    check_fit(parse_plan(spec([[run]], gpus=gpus)), build_chain(config, length), Training(length))


def test_a_plan_of_another_model_is_refused() -> None:
    """By its layers and its heads."""
    fit({"first": 0, "last": 3, "tensor": 4}, LLAMA)
    with pytest.raises(PlanError, match=r"the plan has 3 layers, and the model of config\.json 4"):
        fit({"first": 0, "last": 2}, LLAMA)
    with pytest.raises(PlanError, match="tensor degree 8 does not split 4 heads and 2 key/value heads; use 1, 2, 4"):
        fit({"first": 0, "last": 3, "tensor": 8}, LLAMA)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model_type": "swin"}, "model_type 'swin' is unknown; known are llama"),
        ({"hidden_act": "swish"}, "activation swish is unknown; use gelu"),
        ({"model_type": "mistral", "sliding_window": 4}, "use sequenceLength 4 or less"),
        ({"rope_scaling": {"rope_type": "yarn"}}, "rope type yarn is unknown; known are default"),
    ],
)
def test_a_model_that_is_not_known_is_refused(change: dict[str, Any], message: str) -> None:
    """With what is known."""
    with pytest.raises(PlanError, match=message):
        fit({"first": 0, "last": 3}, {**LLAMA, **change})


def test_a_config_without_a_field_is_refused() -> None:
    """With its name."""
    with pytest.raises(PlanError, match="lacks 'vocab_size'"):
        fit({"first": 0, "last": 3}, {name: value for name, value in LLAMA.items() if name != "vocab_size"})
