"""Models for other programs: ONNX graphs, and a bundle that MONAI itself loads and runs."""
