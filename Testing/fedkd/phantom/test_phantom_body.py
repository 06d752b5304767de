"""Pose and warp: what moves the image must move the landmarks, exactly."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fedkd.phantom.body import Body, Warp

seeds = st.integers(0, 2**32 - 1)
points = st.tuples(*[st.floats(-200, 200)] * 3)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, point=points)
def test_the_inverse_warp_undoes_the_warp(seed: int, point: tuple[float, float, float]) -> None:
    warp = Warp.draw(np.random.default_rng(seed))
    np.testing.assert_allclose(warp.forward(warp.inverse([point])), [point], atol=1e-3)


@settings(max_examples=60, deadline=None)
@given(seed=seeds, point=points)
def test_points_return_from_the_patient(seed: int, point: tuple[float, float, float]) -> None:
    body = Body.draw(np.random.default_rng(seed))
    np.testing.assert_allclose(body.to_phantom(body.to_lps([point])), [point], atol=1e-3)


@settings(max_examples=30, deadline=None)
@given(seed=seeds)
def test_the_box_in_the_patient_holds_all_that_comes_from_the_box(seed: int) -> None:
    rng = np.random.default_rng(seed)
    body = Body.draw(rng)
    low, high = np.array([-20.0, -30, 5]), np.array([10.0, 40, 50])
    moved = body.to_lps(rng.uniform(low, high, (200, 3)))
    # Corners in the patient span an oblique box: look along its own axes.
    corners = (body.box_to_lps(low, high) - body.annulus_lps_mm) @ body.turn.T
    inside = (moved - body.annulus_lps_mm) @ body.turn.T
    assert (inside >= corners.min(axis=0)).all()
    assert (inside <= corners.max(axis=0)).all()
