"""The targets: from a resolved spec to the text of files, without touching the disk."""
