"""protogen: the state table of a network protocol, written once."""
