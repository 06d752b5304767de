"""``fedkd model export``: models for other programs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class ExportFormat(StrEnum):
    """onnx: a graph for each network. monai-bundle: a folder that MONAI's own runner runs."""

    ONNX = "onnx"
    MONAI_BUNDLE = "monai-bundle"


def export(
    model: Annotated[Path, typer.Argument(help="Package (folder or file), checkpoint, or a name such as embedded.")],
    output: Annotated[Path, typer.Argument(help="New folder.")],
    target: Annotated[ExportFormat, typer.Option("--format", help="What to write.")],
) -> None:
    """Write a model for other programs: as ONNX, or as a bundle of MONAI."""
    from fedkd.model_export.monai_bundle import export_monai_bundle
    from fedkd.model_export.onnx_files import export_onnx
    from fedkd.models import find_model, load_model

    loaded = load_model(find_model(model))
    if target is ExportFormat.ONNX:
        export_onnx(loaded, output)
    else:
        export_monai_bundle(loaded, output)
    typer.echo(f"Model {loaded.model_id} as {target.value}: {output}. {loaded.card.notice}")
