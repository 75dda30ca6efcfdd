"""Which statuses a run writes: far apart as a rule, the few that are taken where a deployment is narrow."""

from __future__ import annotations

from conformance.contracts.open_attestation.values import Values


def narrow(*taken: int) -> Values:
    values = Values()
    for one in taken:
        values.take(one)
    values.narrow = True
    return values


def test_as_a_rule_no_value_is_written_twice() -> None:
    values = Values()
    written = [values.next() for _ in range(20)]
    assert len(set(written)) == 20
    assert min(written) > 100
    assert values.fitting(7) == 7


def test_a_narrow_deployment_gets_two_values_that_it_took() -> None:
    values = narrow(1, 2, 1, 5)
    assert {values.next() for _ in range(9)} == {1, 2}
    assert {values.fitting(status) for status in range(9)} == {1, 2, 5}
    assert [values.other_than(one) for one in (1, 2, 5, None)] == [2, 1, 2, 2]


def test_before_a_second_value_is_known_zero_is_tried() -> None:
    assert {narrow(1).next(), narrow().next()} <= {0, 1}
    assert narrow(1).other_than(1) == 0


def test_where_zero_is_refused_two_is_tried() -> None:
    values = narrow(1)
    values.first_refusal(0)
    assert values.other_than(1) == 2


def test_a_refusal_is_the_first_once() -> None:
    values = Values()
    assert [values.first_refusal(one) for one in (5, 5, 6)] == [True, False, True]
