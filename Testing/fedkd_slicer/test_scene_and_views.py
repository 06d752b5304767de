"""Scene and pictures of a case whose truth is known, made and read again by processes of their own."""

from __future__ import annotations

import getpass
import json
import socket
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from builders.scene_case import (
    BALL_RADIUS_MM,
    POSITIONS_LPS_MM,
    SceneCase,
    SceneCaseRecipe,
    environment,
)
from fedkd import NOT_FOR_CLINICAL_USE
from fedkd.anatomy import CALCIFICATION, HINGE_POINTS, LANDMARK_BY_NAME, LANDMARK_NAMES
from fedkd.case.calcified_box import terminology_entry
from fedkd.geometry import LPS_TO_RAS, Grid

pytest.importorskip("slicer", reason="Slicer's core is not installed (requirements/slicer.txt)")

POSITIONS_RAS_MM = {name: position * LPS_TO_RAS for name, position in POSITIONS_LPS_MM.items()}
SIZE_PX = 800
PICTURES = ["annulus", "axial", "coronal", "ostium_lco", "ostium_rco", "overview_3d", "septum"]
RELOAD = Path(__file__).resolve().parents[1] / "builders" / "reload_scene.py"
RECIPES = {
    "oblique": SceneCaseRecipe("oblique", (0.9, 0.9, 2.0), ct_name="Müller^Hans 1950.nii.gz"),
    "left-handed": SceneCaseRecipe("left-handed", (1.2, 1.0, 0.9)),
    "some missing": SceneCaseRecipe("sagittal", missing=("LCC", "MS2"), has_calcium=False, ct_name="ct.mha"),
    "nothing found": SceneCaseRecipe("flipped", missing=LANDMARK_NAMES, has_calcium=False, notes=()),
}
only_complete = pytest.mark.parametrize("built", ["oblique", "left-handed"], indirect=True)


@dataclass(frozen=True)
class Built:
    case: SceneCase
    recipe: SceneCaseRecipe
    scene: dict

    def picture(self, name: str) -> np.ndarray:
        """RGB as float, rows from top to bottom."""
        return sitk.GetArrayFromImage(sitk.ReadImage(str(self.case.folder / "views" / f"{name}.png"))).astype(float)


@pytest.fixture(scope="module", params=list(RECIPES))
def built(request, tmp_path_factory):
    recipe = RECIPES[request.param]
    case = recipe.make(tmp_path_factory.mktemp("scene"))
    outcome = case.build()
    assert outcome.returncode == 0, outcome.stderr
    reloaded = subprocess.run(
        [sys.executable, str(RELOAD), str(case.folder / "scene.mrb")],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=300,
    )
    assert reloaded.returncode == 0, reloaded.stderr
    return Built(case, recipe, json.loads(reloaded.stdout))


def test_the_scene_holds_the_landmarks_at_their_places(built):
    landmarks = built.scene["landmarks"]
    assert [point["label"] for point in landmarks["points"]] == list(LANDMARK_NAMES)
    for point in landmarks["points"]:
        if point["label"] in built.recipe.missing:
            assert point["ras_mm"] is None
        else:
            assert point["ras_mm"] == pytest.approx(POSITIONS_RAS_MM[point["label"]].tolist(), abs=1e-6)
            assert point["description"].startswith("confidence")
    assert landmarks["fixed"]
    assert not landmarks["locked"]
    assert landmarks["labels_shown"]
    assert landmarks["model"] == "student-1"
    assert landmarks["notice"] == NOT_FOR_CLINICAL_USE


def test_the_scene_holds_the_ct_voxel_by_voxel(built):
    image = sitk.ReadImage(str(built.case.ct_file))
    ct = built.scene["ct"]
    assert ct["name"] == "phantom-7"
    assert ct["sum"] == int(sitk.GetArrayFromImage(image).astype(np.int64).sum())
    assert sorted(ct["size_xyz"]) == sorted(image.GetSize())
    assert (ct["window"], ct["level"], ct["auto"]) == (900, 250, False)
    # Slicer may store the axes in another order: what counts is where the corners are.
    corners = np.array([[i, j, k, 1] for i in (0, 1) for j in (0, 1) for k in (0, 1)], float)
    theirs = corners * [*(np.array(ct["size_xyz"]) - 1), 1] @ np.array(ct["ijk_to_ras"]).T
    grid = Grid.of(image)
    ours = grid.index_to_lps(corners[:, :3] * (np.array(grid.size_xyz) - 1)) * LPS_TO_RAS
    assert sorted(map(tuple, theirs[:, :3].round(3))) == sorted(map(tuple, ours.round(3)))


def test_the_scene_holds_the_calcification_in_the_grid_of_the_ct(built):
    calcification = built.scene["calcification"]
    assert calcification["segments"] == 1
    assert calcification["name"] == CALCIFICATION.name
    assert calcification["color"] == pytest.approx(CALCIFICATION.color_rgb)
    assert calcification["terminology"] == terminology_entry(CALCIFICATION)
    assert calcification["reference"]
    label_map = sitk.ReadImage(str(built.case.folder / "calcification.seg.nrrd"))
    truth = np.argwhere(sitk.GetArrayFromImage(label_map))[:, ::-1]
    expected = Grid.of(label_map).index_to_lps(truth) * LPS_TO_RAS if len(truth) else np.empty((0, 3))
    kji = np.array(calcification["voxels_kji"]).reshape(-1, 3)
    places = np.column_stack([kji[:, ::-1], np.ones(len(kji))]) @ np.array(built.scene["ct"]["ijk_to_ras"]).T
    np.testing.assert_allclose(sorted_rows(places[:, :3]), sorted_rows(expected), atol=1e-3)
    assert (len(kji) > 0) == built.recipe.has_calcium


def sorted_rows(points):
    rounded = points.round(2) + 0.0
    return points[np.lexsort(rounded.T)]


def test_the_scene_opens_ready_to_review(built):
    views = built.scene["views"]
    assert views["layout"] == 3  # Slicer's number of the four-up layout
    assert (views["slice_nodes"], views["cameras"], views["markups_nodes"]) == (3, 1, 1)
    assert {view["background"] for view in views["slices"].values()} == {"phantom-7"}
    found = [name for name in HINGE_POINTS if name in built.case.names]
    if len(found) == 3:
        red = np.linalg.inv(views["slices"]["Red"]["to_ras"])
        for name in HINGE_POINTS:
            across = red @ [*POSITIONS_RAS_MM[name], 1]
            assert across[2] == pytest.approx(0, abs=1e-3)
            assert np.hypot(*across[:2]) == pytest.approx(12.0, abs=0.02)
    elif found:
        center = np.mean([POSITIONS_RAS_MM[name] for name in found], axis=0)
        for view in views["slices"].values():
            np.testing.assert_allclose(np.array(view["to_ras"])[:3, 3], center, atol=1e-3)
    folder = built.scene["folder"]
    assert folder["name"] == "phantom-7"
    assert folder["children"][:4] == ["phantom-7", "Landmarks", "Calcification", "About these results"]


def test_the_scene_says_what_to_distrust(built):
    about = built.scene["about"]
    assert about.startswith(NOT_FOR_CLINICAL_USE)
    assert "Model: student-1" in about
    for name in built.recipe.missing:
        assert f"{name}: not found" in about
    for note in built.recipe.notes:
        assert note in about


def test_the_scene_tells_nothing_about_machine_user_or_original_file(built):
    secrets = [str(built.case.folder.parent), "Müller", "M%C3%BCller", ".scene-partial"]
    # Short names turn up in compressed data by chance, and a root is what the scene is about.
    secrets += [name for name in (socket.gethostname(), getpass.getuser()) if len(name) > 4]
    with zipfile.ZipFile(built.case.folder / "scene.mrb") as bundle:
        for member in bundle.namelist():
            content = bundle.read(member)
            for secret in secrets:
                assert secret not in member
                assert secret.encode() not in content


def test_every_picture_is_there_and_shows_something(built):
    assert sorted(path.stem for path in (built.case.folder / "views").iterdir()) == PICTURES
    for name in PICTURES:
        picture = built.picture(name)
        assert picture.shape == (SIZE_PX, SIZE_PX, 3)
        assert (picture[:56].max(axis=2) > 200).sum() > 300  # words above
        assert (picture[-40:].max(axis=2) > 200).sum() > 300  # and below
        assert name == "overview_3d" or picture[100:700].std() > 10


@only_complete
def test_markers_lie_where_the_landmarks_are_and_the_image_agrees(built):
    plane = annulus_plane_by_hand()
    picture = built.picture("annulus")
    for name in HINGE_POINTS:
        row, column = to_pixel(POSITIONS_RAS_MM[name], plane, SIZE_PX / 90.0)
        marker = picture[row - 3 : row + 4, column - 3 : column + 4].reshape(-1, 3).mean(axis=0)
        assert marker / 255 == pytest.approx(LANDMARK_BY_NAME[name].color_rgb, abs=0.06)
        # The bright ball of the CT shows all around the marker, as far as it reaches and no further.
        assert ring_median(picture, row, column, 0.65 * BALL_RADIUS_MM * SIZE_PX / 90.0) > 250
        assert ring_median(picture, row, column, 1.6 * BALL_RADIUS_MM * SIZE_PX / 90.0) < 200


@only_complete
def test_the_septum_picture_shows_both_septal_points(built):
    picture = built.picture("septum")
    for name in ("MS1", "MS2"):
        color = np.array(LANDMARK_BY_NAME[name].color_rgb) * 255
        assert (np.abs(picture - color).max(axis=2) < 12).sum() > 100


def annulus_plane_by_hand():
    """Center, right and up of the annulus picture in RAS: anterior up, the axis pointing away from the viewer."""
    right_cusp, left_cusp, non = (POSITIONS_RAS_MM[name] for name in HINGE_POINTS)
    axis = np.cross(left_cusp - right_cusp, non - right_cusp)
    axis /= np.linalg.norm(axis)
    up = np.array([0.0, 1.0, 0.0]) - axis[1] * axis
    up /= np.linalg.norm(up)
    center = np.array([0.0, 0.0, 600.0])
    return center, np.cross(axis, up), up


def to_pixel(point_ras_mm, plane, px_per_mm):
    center, right, up = plane
    offset = (point_ras_mm - center) * px_per_mm
    return round(SIZE_PX / 2 - offset @ up), round(SIZE_PX / 2 + offset @ right)


def ring_median(picture, row, column, radius_px):
    angles = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    rows = np.rint(row + radius_px * np.sin(angles)).astype(int)
    columns = np.rint(column + radius_px * np.cos(angles)).astype(int)
    return np.median(picture[rows, columns].mean(axis=1))
