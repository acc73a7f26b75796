"""The models that can be trained: chains of layers that exist once whole and can be split."""
