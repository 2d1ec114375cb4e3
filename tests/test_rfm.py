"""Scores and segments."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product

import pytest

from tracker_db import rfm


def test_the_rule_divides_the_125_cells():
    cells = Counter(rfm.segment(*scores) for scores in product(range(1, 6), repeat=3))
    assert cells == {
        "champion": 8,
        "loyal": 19,
        "new": 10,
        "potential": 38,
        "at_risk": 40,
        "hibernating": 8,
        "lost": 2,
    }


@pytest.mark.parametrize("seed", range(20))
def test_a_score_is_one_more_than_the_fifths_of_all_that_rank_below(seed):
    dice = random.Random(seed)
    values = [dice.randint(1, dice.choice((2, 5, 50))) for _ in range(dice.randint(1, 60))]
    cuts = rfm.cuts(values)
    for value in values:
        rank = 1 + sum(other < value for other in values)
        assert rfm.score(value, cuts) == 1 + 5 * (rank - 1) // len(values)


def test_equal_values_score_the_same_and_the_least_scores_one():
    cuts = rfm.cuts([1] * 70 + [2, 3, 4])
    assert [rfm.score(value, cuts) for value in (1, 2, 4)] == [1, 5, 5]


def test_nobody_makes_no_cuts():
    assert rfm.cuts([]) == []
