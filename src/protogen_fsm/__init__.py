"""protogen: the state table of a network protocol, written once."""

__version__ = "0.1.0"
