"""What generated machines stand on: the standard library, and nothing else of protogen."""
