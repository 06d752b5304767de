"""What runs the networks: PyTorch anywhere, OpenVINO on a processor. The rest of the engine cannot tell which."""

from fedkd.backends.choice import Target, choose_backend
from fedkd.backends.devices import choose_device
from fedkd.backends.ready_model import ReadyModel, make_ready
from fedkd.backends.runner import Backend, HeadProbabilities, StageRunner

__all__ = [
    "Backend",
    "HeadProbabilities",
    "ReadyModel",
    "StageRunner",
    "Target",
    "choose_backend",
    "choose_device",
    "make_ready",
]
