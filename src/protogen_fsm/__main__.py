"""`python -m protogen_fsm`: the same as the command `protogen`."""

from protogen_fsm.cli import main

main()
