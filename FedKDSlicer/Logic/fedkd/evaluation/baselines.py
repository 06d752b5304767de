"""Two predictions without a network: a result that does not beat them clearly has learned the prior, not the image."""

from __future__ import annotations

import numpy as np

from fedkd.geometry import FloatArray


def mean_shape(shapes_lps_mm: FloatArray) -> FloatArray:
    """Return the mean of shapes (cases, points, 3) after moving each centroid to the origin."""
    centered: FloatArray = (shapes_lps_mm - shapes_lps_mm.mean(axis=1, keepdims=True)).mean(axis=0)
    return centered


def placed_at_centroid(mean: FloatArray, truth_lps_mm: FloatArray) -> FloatArray:
    """Return the mean shape moved to the centroid of the true points (points, 3)."""
    placed: FloatArray = mean + truth_lps_mm.mean(axis=0)
    return placed


def fitted_rigidly(mean: FloatArray, truth_lps_mm: FloatArray) -> FloatArray:
    """Return the mean shape turned and moved onto the true points with the least squared error (Kabsch 1976)."""
    center = truth_lps_mm.mean(axis=0)
    u, _, vt = np.linalg.svd(mean.T @ (truth_lps_mm - center))
    handedness = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    fitted: FloatArray = mean @ (u @ handedness @ vt) + center
    return fitted


def baseline_errors_mm(shapes_lps_mm: FloatArray) -> dict[str, FloatArray]:
    """Return for both baselines the errors (cases, points); each case's mean shape comes from the other cases."""
    cases = len(shapes_lps_mm)
    errors: dict[str, list[FloatArray]] = {"mean shape at centroid": [], "mean shape fitted": []}
    for case in range(cases):
        truth = shapes_lps_mm[case]
        mean = mean_shape(np.delete(shapes_lps_mm, case, axis=0))
        for name, guess in zip(errors, (placed_at_centroid(mean, truth), fitted_rigidly(mean, truth)), strict=True):
            errors[name].append(np.linalg.norm(guess - truth, axis=1))
    return {name: np.array(values) for name, values in errors.items()}
