"""Whether a plan fits a model and a training: what only all three together can say."""

from uniap_runtime.failure import PlanError
from uniap_runtime.models.chain import Chain
from uniap_runtime.plan import Plan, Strategy
from uniap_runtime.training import Training


def check_fit(plan: Plan, chain: Chain, training: Training) -> None:
    """Raise PlanError with what does not fit, and what would."""
    if len(plan.places) != len(chain.layers):
        raise PlanError(f"the plan has {len(plan.places)} layers, and the model of config.json {len(chain.layers)}")
    tokens = plan.micro_batch_size * training.sequence_length
    if tokens % plan.ranks_per_stage:
        raise PlanError(
            f"{tokens} tokens of a micro-batch do not divide among the {plan.ranks_per_stage} ranks of a stage"
        )
    for index, place in enumerate(plan.places):
        _check_heads(f"layer {index}", place.strategy, chain)


def tensor_degrees(chain: Chain) -> tuple[int, ...]:
    """Degrees that split the heads of a model: key/value heads are split as well, or shared by ranks."""
    return tuple(degree for degree in range(1, chain.heads + 1) if _splits(chain, degree))


def _check_heads(layer: str, strategy: Strategy, chain: Chain) -> None:
    degrees = tensor_degrees(chain)
    if strategy.tensor not in degrees:
        raise PlanError(
            f"{layer}: tensor degree {strategy.tensor} does not split {chain.heads} heads and {chain.key_value_heads} "
            f"key/value heads; use {', '.join(map(str, degrees))}"
        )


def _splits(chain: Chain, degree: int) -> bool:
    shared = chain.key_value_heads % degree == 0 or degree % chain.key_value_heads == 0
    return chain.heads % degree == 0 and shared
