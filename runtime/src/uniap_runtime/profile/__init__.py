"""Measures what plans are priced by: seconds and bytes of layers, seconds of messages."""
