"""The words that no name in a Promela model may be."""

# Of the language, of its formulas, and of the C code of the verifier.
_WORDS = """active always assert atomic bit bool break byte c_code c_decl c_expr c_state c_track
chan d_step do else empty enabled equivalent eval eventually false fi for full get_priority goto
hidden if implies in init inline int len local ltl mtype nempty never next nfull nonprogress
notrace np_ od of pc_value pid print printf printm priority proctype provided release return run
select set_priority short show skip strong stronguntil timeout trace true typedef unless unsigned
until weakuntil xr xs U V W X _ _last _nr_pr _pid NULL auto case char const continue default double
enum extern float inline long register restrict signed sizeof static struct switch union void
volatile while"""
_OURS = """BEGIN way network observer mark marked begun at_rest left_over grown put_or_lose
put_sorted_or_lose put_once_or_lose put_once put_unless_broken flush c item most broken fates
refusing waiting fair spoiled"""
RESERVED = frozenset({*_WORDS.split(), *_OURS.split()})
SPECIAL = ("end", "accept", "progress")  # a label that begins so means something to SPIN
