"""The registry of codes: what each is called, how grave it is, what it stands for.

Codes are stable and never reused; a new one goes to the end of its phase. A warning's name is what
`allow NAME "reason"` silences.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protogen_fsm.diagnostics.diagnostic import Severity

PHASES = {
    "PG0": "reading",
    "PG1": "names and types",
    "PG2": "one machine",
    "PG3": "messages and layers",
    "PG4": "systems",
    "PG5": "handlers and user code",
    "PG6": "what a change breaks",
    "PG9": "back-ends and files",
}


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of diagnostic."""

    code: str
    name: str
    severity: Severity
    title: str

    @property
    def phase(self) -> str:
        """The phase that finds it."""
        return PHASES[self.code[:3]]


_ERRORS = """
PG001 unexpected_text          text that cannot stand here
PG002 unterminated_string      a string without its closing quote
PG003 unclosed_brace           a brace, bracket or parenthesis without its partner
PG004 bad_string               a string that cannot be read
PG005 bad_number               a number, size or duration that cannot be read
PG006 protocol_buffers         a Protocol Buffers file
PG007 empty_file               a file that says nothing
PG008 no_protocol_line         a file that does not start with `protocol NAME`
PG009 nested_too_deep          braces or parentheses nested too deep
PG010 declaration_after_state  a declaration after the first state
PG011 not_text                 a file that is not UTF-8 text
PG012 said_twice               something said twice that can be said once

PG101 undefined_state          no state has this name
PG102 undefined_event          no event has this name here
PG103 undefined_name           a name in an expression that nothing declares
PG104 duplicate_name           one name for two things
PG105 undefined_machine        no machine or layer has this name
PG106 wrong_type               a value of the wrong type
PG107 wrong_arguments          arguments that do not fit the parameters
PG108 undefined_declaration    no timer, action, predicate, function or field has this name
PG109 unresolved_use           a `use` that leads nowhere
PG110 not_constant             a value that must be known beforehand and is not
PG111 undefined_type           no type has this name
PG112 reserved_name            a name that generated code cannot bear
PG113 no_initial_state         a machine, region or composite state without an initial state
PG114 second_initial_state     two initial states side by side
PG115 empty_range              a range whose low end is above its high end
PG116 names_differ             events of one line that do not bind the same names
PG117 unknown_warning          an `allow` of a warning that does not exist
PG118 no_states                a machine without a state
PG119 states_beside_regions    a state that holds both inner states and regions
PG120 circular_definition      a thing defined by itself
PG121 default_before           a parameter without a default behind one that has one

PG204 overlapping_guards       two transitions that can both apply
PG205 shadowed_transition      a transition that an earlier one always forestalls
PG206 transition_never_fires   a transition that can never fire
PG210 endless_cycle            a cycle of `entry ->` or `raise` that never ends
PG211 pop_with_nothing_pushed  a `pop` where nothing can have been pushed
PG213 unreachable_outcome      an outcome that can never be answered
PG214 outcome_signatures       one outcome with two sets of parameters
PG215 read_before_set          a variable read before it has a value
PG216 history_of_simple_state  `history` of a state that has no inner states
PG217 taken_twice              one event both taken, ignored or deferred in one state
PG218 final_state_goes_on      a final state that goes on
PG219 target_in_other_region   a transition into another region
PG220 bad_duration             a time-out that is not above zero
PG221 initial_state_parameters an initial state with parameters that nobody sets

PG301 print_does_not_parse_back a message whose print does not parse back to the same values
PG303 shadowed_message         a message whose pattern an earlier one always matches
PG305 not_accepted_below       sent, but the layer below does not accept it
PG307 field_not_in_pattern     a field of a message that its pattern leaves out
PG308 bad_regex                a regular expression that cannot be read
PG309 bad_codec                a codec's path that cannot be read
PG310 bits_not_whole_bytes     bits that do not fill whole bytes
PG311 bad_layout               a layout that does not exist or has the wrong arguments
PG312 rest_not_last            something after `rest`
PG313 nothing_read             a state over bytes that does not say what it reads
PG314 reads_without_bytes      `reads` in a machine that is not over bytes
PG315 bad_reads                a `reads` that does not exist or has the wrong arguments
PG316 message_without_pattern  a message that crosses the wire without a pattern
PG317 value_does_not_fit       a constant that its field cannot hold
PG318 nothing_below            a machine over nothing that receives or sends
PG320 empty_event_class        a number or class of numbers that no event can bear
PG321 starttls_without_stream  `starttls` in a machine that stands on no stream
PG322 empty_items              a repetition of what may take no bytes
PG323 read_too_early           a length or a condition of a field that comes later
PG324 repeated_group           a group of a pattern that cannot be repeated so
PG325 no_end_of_datagrams      the end of a stream where there is none
PG330 instance_does_not_fit    instances that do not fit the machine that holds them
PG332 scope_without_value      a variable of `scope layer` that has no first value

PG401 undefined_peer           no peer of the system has this name
PG402 bad_link                 a link that cannot be
PG403 bad_scenario             a scenario whose step cannot be
PG409 property_refuted         something that a system asks for does not hold
PG415 scenario_not_played      a scenario that a peer does not play

PG501 handler_collision        two pairs of state and event that make one handler's name
PG502 class_collision          two things of a spec that make one name in generated code
PG503 unreadable_user_code     a file of handlers that is not Python

PG601 class_gone               a class of the generated module that is gone
PG602 handler_gone             a handler that is never called any more
PG603 handler_changed          a handler that is called otherwise
PG604 face_gone                a call or an emission that is gone
PG605 face_changed             a call or an emission with other values
PG608 class_changed            a class that is made otherwise
PG621 message_gone             a message that is gone
PG622 message_changed          a message that is other bytes
PG624 layers_changed           a machine that stands on other layers
PG644 dialogue_falls_short     old and new peers that together come to less than each among its own
PG641 dialogue_breaks          old and new peers that do not understand each other

PG901 cannot_run_regions       no back-end runs regions within a region yet
PG902 cannot_run_stack         no back-end runs `push` and `pop` within a region yet
PG905 cannot_run_urgent        no back-end runs `urgent` within a region yet
PG914 cannot_export           a system that cannot be exported
PG951 unreadable_file          a file that cannot be read
PG952 unwritable_file          a file that cannot be written
PG953 would_overwrite          a file in the way that protogen did not make
PG954 drift                    a built file that is not what its spec says
PG955 no_such_machine          no machine of the spec has the name given
PG956 address_in_use           an address that cannot be listened on or reached
PG958 no_such_system           no system of the spec has the name given
PG959 no_such_revision         a revision that cannot be had from git
"""

_WARNINGS = """
PG201 unreachable_state        a state that nothing leads to
PG202 no_way_out               a state that is not final and that nothing leaves
PG203 no_way_to_final          a state from which no final state can be reached
PG207 never_handled            an event received or accepted and never handled
PG208 never_used               something declared and never used
PG209 wait_without_timeout     a state that waits for the peer without a time-out
PG212 unbounded_push           a push that can repeat without a pop
PG222 deferred_forever         an event deferred and taken nowhere
PG223 timer_never_started      a timer that is awaited and never started
PG224 timer_never_taken        a timer that is started and never awaited
PG225 raised_never_taken       an event raised that no state takes
PG226 needless_allow           an `allow` that silences nothing
PG302 unbounded_field          a field or repetition without a bound
PG304 emitted_never_taken      the layer below emits it, and no state takes it
PG306 reply_without_request    a reply taken where nothing was asked
PG319 answer_never_given       a call whose answer is never emitted
PG331 never_to_an_instance     an event of instances that never comes to them
PG333 learnt_in_the_clear      what the peer said before TLS, and is kept behind it
PG334 backtracking_regex       a regular expression that keeps matching busy
PG404 deadlock                 peers of a system that wait for ever
PG405 unspecified_reception    a message that its receiver cannot take in its state
PG406 left_over                a message that is left on a link at the end
PG407 link_grows               a link that grows without bound
PG408 no_way_to_the_end        a system that can no longer come to its end
PG410 step_fails               a step that fails, and is undone
PG411 not_proved               a flaw that hangs on values that are not followed
PG412 verified_to_a_bound      a system that is verified up to a bound
PG413 goes_round               messages and time-outs that go round while nobody gets on
PG414 waits_for_time           a wait that only a time-out ends, though nothing was lost
PG606 handler_new              a handler that is new
PG607 face_new                 a call or an emission that is new
PG623 message_new              a message that is new
PG642 dialogue_not_decided     old and new peers of which it is not known
PG643 not_tried_together       old and new peers that no system holds
PG913 system_not_verified      a system that is not verified
PG957 no_dot                   Graphviz is not installed
"""


def _read() -> dict[str, Code]:
    table: dict[str, Code] = {}
    for severity, text in (("error", _ERRORS), ("warning", _WARNINGS)):
        for line in filter(None, text.splitlines()):
            code, name, title = line.split(maxsplit=2)
            table[code] = Code(code, name, "error" if severity == "error" else "warning", title)
    return dict(sorted(table.items()))


CODES = _read()
_BY_NAME = {code.name: code for code in CODES.values()}


def code(code: str) -> Code:
    """The code so numbered; KeyError if there is none."""
    return CODES[code]


def by_name(name: str) -> Code | None:
    """The code so named (`wait_without_timeout`), or None."""
    return _BY_NAME.get(name)


def nearest_codes(text: str, n: int = 3) -> list[Code]:
    """Those whose number or name is near to `text`, the nearest first."""
    numbers = get_close_matches(text.upper(), CODES, n=n, cutoff=0.7)
    names = get_close_matches(text.lower(), _BY_NAME, n=n, cutoff=0.6)
    found = [CODES[number] for number in numbers] + [_BY_NAME[name] for name in names]
    return list(dict.fromkeys(found))[:n]
