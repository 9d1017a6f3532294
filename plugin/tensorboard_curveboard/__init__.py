"""The TensorBoard side of curveboard: reads the records that `curveboard` wrote and serves the dashboard."""
