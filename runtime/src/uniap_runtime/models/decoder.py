"""What decoders have in common, whatever their norms, attention and feed-forward networks: blocks and the head."""

from collections.abc import Callable

from torch import Tensor

from uniap_runtime.models.attention import Attention
from uniap_runtime.models.chain import Samples
from uniap_runtime.models.feed_forward import FeedForward
from uniap_runtime.models.loss import cross_entropy
from uniap_runtime.models.parts import Linear
from uniap_runtime.parallel.module import SplitModule
from uniap_runtime.parallel.tensor import TensorGroup

# Makes a norm of the model's width for a tensor group.
NormBuilder = Callable[[TensorGroup], SplitModule]


class PreNormBlock(SplitModule):
    """Attention and feed-forward network, each after a norm and added to its input."""

    def __init__(self, norm: NormBuilder, attention: Attention, feed_forward: FeedForward) -> None:
        """Both parts are of one tensor group."""
        super().__init__(attention.group)
        self.attention_norm = norm(self.group)
        self.attention = attention
        self.feed_forward_norm = norm(self.group)
        self.feed_forward = feed_forward

    def forward(self, activation: Tensor, _: Samples) -> Tensor:
        """Activations to activations."""
        attended = activation + self.attention(self.attention_norm(activation))
        output: Tensor = attended + self.feed_forward(self.feed_forward_norm(attended))
        return output


class CausalHead(SplitModule):
    """Norm, logits and loss."""

    def __init__(self, group: TensorGroup, norm: NormBuilder, hidden: int, vocabulary: int) -> None:
        """Logits split by the vocabulary."""
        super().__init__(group)
        self.vocabulary = vocabulary
        self.norm = norm(group)
        self.logits = Linear(group, hidden, vocabulary, split="columns", bias=False)

    def forward(self, activation: Tensor, samples: Samples) -> Tensor:
        """Activations to the loss: of each sample, the mean over its tokens."""
        logits = self.logits(self.group.enter(self.norm(activation)))
        targets = samples["target"]
        return cross_entropy(self.group, logits, targets.flatten(), self.vocabulary) / targets.shape[1]
