"""What a config.json says."""

import torch

from uniap_runtime.models.families import build_chain
from uniap_runtime.models.rotary import frequencies

BERT = {
    "model_type": "bert",
    "hidden_size": 8,
    "intermediate_size": 8,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "max_position_embeddings": 8,
    "type_vocab_size": 2,
    "vocab_size": 16,
}

LLAMA_3_1 = {
    "rope_theta": 500000.0,
    "rope_scaling": {
        "rope_type": "llama3",
        "factor": 8.0,
        "low_freq_factor": 1.0,
        "high_freq_factor": 4.0,
        "original_max_position_embeddings": 8192,
    },
}


def test_layers_are_the_planner_s() -> None:
    """Embedding, blocks, head, in this order: a plan counts in them."""
    chain = build_chain(BERT, 8)
    assert [layer.name for layer in chain.layers] == ["embedding", "block.0", "block.1", "block.2", "head"]


def test_dropout_is_not_left_out_in_silence() -> None:
    """A config that does not name it asks for it."""
    assert "hidden_dropout_prob" in build_chain(BERT, 8).notes[0]
    without = {**BERT, "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    assert build_chain(without, 8).notes == ()


def test_llama_3_1_slows_slow_rotations() -> None:
    """Those of less than one turn in 8,192 positions by 8, those of more than four not at all."""
    plain, scaled = frequencies({"rope_theta": 500000.0}, 128), frequencies(LLAMA_3_1, 128)
    turns = 8192 * plain / (2 * torch.pi)
    ratio = plain / scaled
    assert torch.allclose(ratio[turns < 1], torch.tensor(8.0, dtype=torch.float64))
    assert torch.allclose(ratio[turns > 4], torch.tensor(1.0, dtype=torch.float64))
    between = ratio[(turns > 1) & (turns < 4)]
    assert len(between) > 0
    assert ((between > 1) & (between < 8)).all()
