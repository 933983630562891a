"""A spec, typed and resolved, with nothing left to look up."""
