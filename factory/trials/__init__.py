"""Trials: every pipeline from its files to its table, offline, in a temporary target.

    cases = trial_cases(specs)                    made-up rows, and each test of each pipeline
    outcomes = run_trials(root, cases, ...)       in the order of the cases, several at a time

Nothing of the user's is touched: no bucket, no warehouse, no run history.
"""

from factory.trials.cases import Case, trial_cases
from factory.trials.outcomes import Failure, Outcome
from factory.trials.running import run_trials

__all__ = ["Case", "Failure", "Outcome", "run_trials", "trial_cases"]
