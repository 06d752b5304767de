"""What the user has set, kept by Slicer for the next start."""

from __future__ import annotations

from pathlib import Path

import qt
import slicer

from fedkd_slicer.panel.engine.python_choice import EnginePython, other_python, slicer_python

_GROUP = "FedKDSlicer/"
DEVICES = ("auto", "cpu", "cuda")
BACKENDS = ("auto", "torch", "openvino")


class Settings:
    """Each is read from Slicer's settings when it is asked for, so that all tabs agree."""

    @property
    def output_folder(self) -> Path:
        """Where case folders are made."""
        kept = self._get("outputFolder")
        return Path(kept) if kept else Path.home() / "FedKDSlicer"

    @output_folder.setter
    def output_folder(self, folder: Path) -> None:
        self._set("outputFolder", str(folder))

    @property
    def reader_code(self) -> str:
        """Stands for the reader in reviews: a code, never a name."""
        return self._get("readerCode")

    @reader_code.setter
    def reader_code(self, code: str) -> None:
        self._set("readerCode", code.strip())

    @property
    def other_python(self) -> str:
        """The program that runs the engine; empty: Slicer's own Python."""
        return self._get("python")

    @other_python.setter
    def other_python(self, program: str) -> None:
        self._set("python", program.strip())

    @property
    def device(self) -> str:
        """Where networks run: auto, cpu or cuda."""
        return self._one_of(DEVICES, "device")

    @device.setter
    def device(self, device: str) -> None:
        self._set("device", device)

    @property
    def backend(self) -> str:
        """What runs networks: auto, torch or openvino."""
        return self._one_of(BACKENDS, "backend")

    @backend.setter
    def backend(self, backend: str) -> None:
        self._set("backend", backend)

    @property
    def model(self) -> str:
        """Name or folder of the model; empty: the one that comes with the extension."""
        return self._get("model")

    @model.setter
    def model(self, model: str) -> None:
        self._set("model", model)

    @property
    def observer_code(self) -> str:
        """Stands for the observer in readings: a code, never a name."""
        return self._get("observerCode")

    @observer_code.setter
    def observer_code(self, code: str) -> None:
        self._set("observerCode", code.strip())

    @property
    def site_code(self) -> str:
        """Stands for the observer's hospital in readings."""
        return self._get("siteCode")

    @site_code.setter
    def site_code(self, code: str) -> None:
        self._set("siteCode", code.strip())

    @property
    def study_cts(self) -> str:
        """The folder with the CTs to be read; empty: none was chosen yet."""
        return self._get("studyCts")

    @study_cts.setter
    def study_cts(self, folder: str) -> None:
        self._set("studyCts", folder)

    @property
    def study_readings(self) -> str:
        """The folder for readings; empty: none was chosen yet."""
        return self._get("studyReadings")

    @study_readings.setter
    def study_readings(self, folder: str) -> None:
        self._set("studyReadings", folder)

    def order_of_site(self, site: str, count: int) -> tuple[str, ...]:
        """Return the names of ``count`` points in the order of a site's files; empty: it was never said."""
        return tuple(self._get(f"orders/{site}/{count}").split())

    def keep_order_of_site(self, site: str, order: tuple[str, ...]) -> None:
        """Remember the order of a site's files."""
        self._set(f"orders/{site}/{len(order)}", " ".join(order))

    def engine_python(self) -> EnginePython:
        """Return the Python that runs the engine."""
        program = self.other_python
        return other_python(program, slicer.util.startupEnvironment()) if program else slicer_python()

    def _one_of(self, allowed: tuple[str, ...], name: str) -> str:
        """Return what is kept; the first where that is unknown, as in settings of another version."""
        kept = self._get(name)
        return kept if kept in allowed else allowed[0]

    @staticmethod
    def _get(name: str) -> str:
        value = qt.QSettings().value(_GROUP + name, "")
        return value if isinstance(value, str) else ""

    @staticmethod
    def _set(name: str, value: str) -> None:
        qt.QSettings().setValue(_GROUP + name, value)
