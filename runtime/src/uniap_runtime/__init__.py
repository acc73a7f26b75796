"""Trains a model under a parallel plan of the UniAP operator."""
