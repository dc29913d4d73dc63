"""What was made lately is made once; of all that a run makes, only the latest is held."""

from sparsebench.harness.recent import HELD, Recent


def test_what_was_made_lately_is_not_made_again():
    recent, made = Recent(), []
    for _ in range(3):
        assert recent.get("key", lambda: made.append(1) or len(made)) == 1


def test_what_nobody_has_asked_for_longest_goes_first():
    recent, made = Recent(), []

    def ask(key):
        return recent.get(key, lambda: made.append(key) or key)

    for key in range(HELD):
        ask(key)
    ask(0)
    ask(HELD)  # takes the place of 1
    made.clear()
    assert [ask(0), ask(HELD), ask(2), ask(1)] == [0, HELD, 2, 1]
    assert made == [1]


def test_what_could_not_be_made_is_tried_again():
    recent = Recent()
    for _ in range(2):
        try:
            recent.get("key", lambda: 1 / 0)
        except ZeroDivisionError:
            continue
    assert recent.get("key", lambda: 1) == 1
