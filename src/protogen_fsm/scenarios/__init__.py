"""Scenarios, played with the generated classes."""

from protogen_fsm.scenarios.chart import chart_of
from protogen_fsm.scenarios.choices import Mismatch
from protogen_fsm.scenarios.play import Result, play, play_all
from protogen_fsm.scenarios.tell import diagnostic, difference

__all__ = ["Mismatch", "Result", "chart_of", "diagnostic", "difference", "play", "play_all"]
