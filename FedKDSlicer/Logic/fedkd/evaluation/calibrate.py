"""Fit a calibration: from a model's own confidence to the share of points that lie near the truth."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logit

from fedkd.confidence import NEAR_MM, Calibration, Held, Knot, Sample
from fedkd.errors import ExitCode, FedkdError
from fedkd.evaluation.document import EvaluationDocument
from fedkd.evaluation.reliability import bins_of
from fedkd.geometry import FloatArray
from fedkd.phantom.cases import MOST_CASES

METHOD = "logistic regression on the log-odds of the model's own confidence, all landmarks together"
# Away from 0 and 1, where logarithms end.
_EDGE = 1e-3
# Where the knots lie: evenly on the scale of the regression, so that lines between them follow its curve.
_RAW = np.concatenate([[0.0], expit(np.linspace(logit(_EDGE), logit(1 - _EDGE), 41)), [1.0]])
# A weak pull toward no change, so that a set that can be split without error makes no certainties.
_PULL = 0.05
_NEUTRAL = np.array([1.0, 0.0])
_FEWEST_OF_EACH = 5


def calibrate(fitted: EvaluationDocument, held_out: EvaluationDocument, command: str) -> Calibration:
    """Return the calibration fitted to one evaluation and proven on another.

    Args:
        fitted: an evaluation of the model's weights, on cases that it did not see in training.
        held_out: another one, on other cases.
        command: that is running.

    Raises:
        FedkdError: USAGE when they are of different weights or share cases, or when there are too few points.
    """
    _check_pair(fitted, held_out)
    _, raw, errors_mm = fitted.found()
    knots = fit_knots(raw, errors_mm <= NEAR_MM)
    curve = ([knot.raw for knot in knots], [knot.probability for knot in knots])
    _, held_raw, held_errors_mm = held_out.found()
    bins = bins_of(np.interp(held_raw, *curve), held_errors_mm)
    return Calibration(
        near_mm=NEAR_MM,
        knots=knots,
        method=METHOD,
        fitted_on=Sample(**_sample(fitted)),
        held_out=Held(**_sample(held_out), bins=bins),
        commands=(fitted.command, held_out.command, command),
        made_on=datetime.now(UTC).date(),
    )


def fit_knots(raw: FloatArray, is_near: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[Knot, ...]:
    """Return the curve from raw confidences (points,) in 0 to 1, given which of the points lie near (points,).

    A slope that is not negative makes a curve that never falls. On this software's phantoms two coefficients do better
    in cross-validation than three (beta calibration), steps (isotonic regression), or a curve for each group of
    landmarks.

    Raises:
        FedkdError: USAGE when there are too few near points, or too few far ones, to fit anything.
    """
    if min(int(is_near.sum()), int((~is_near).sum())) < _FEWEST_OF_EACH:
        raise _refused(f"There must be at least {_FEWEST_OF_EACH} points near the truth and as many far from it.")
    features = _features(raw)
    signs = np.where(is_near, 1.0, -1.0)

    def loss(coefficients: FloatArray) -> float:
        return float(
            -log_expit(signs * (features @ coefficients)).sum() + _PULL * ((coefficients - _NEUTRAL) ** 2).sum()
        )

    fitted = minimize(loss, _NEUTRAL, method="L-BFGS-B", bounds=((0, None), (None, None)))
    curve = expit(_features(_RAW) @ fitted.x)
    return tuple(Knot(raw=float(x), probability=round(float(y), 6)) for x, y in zip(_RAW, curve, strict=True))


def _features(raw: FloatArray) -> FloatArray:
    inside = np.clip(raw, _EDGE, 1 - _EDGE)
    return np.stack([logit(inside), np.ones_like(inside)], axis=1)


def _sample(evaluation: EvaluationDocument) -> dict[str, Any]:
    seeds = {case.phantom_seed // MOST_CASES for case in evaluation.cases if case.phantom_seed is not None}
    return {
        "cases": len(evaluation.cases),
        "points": len(evaluation.found()[1]),
        "not_found": evaluation.not_found,
        "seeds": tuple(sorted(seeds)),
    }


def _check_pair(fitted: EvaluationDocument, held_out: EvaluationDocument) -> None:
    if fitted.weights_sha256 != held_out.weights_sha256:
        raise _refused("The two evaluations are of different models.")
    both = {case.case for case in fitted.cases} & {case.case for case in held_out.cases}
    if both:
        raise _refused(
            f"{len(both)} cases are in both evaluations, such as {min(both)}: the proof would prove nothing."
        )
    if len(held_out.found()[1]) == 0:
        raise _refused("No point was found in the evaluation that is held out.")


def _refused(what: str) -> FedkdError:
    return FedkdError(
        ExitCode.USAGE, what, where="fedkd model calibrate", what_to_do="Evaluate the model on more, and other, cases."
    )
