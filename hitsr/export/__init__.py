"""Networks as files for other runtimes: ONNX, and OpenVINO's intermediate representation."""
