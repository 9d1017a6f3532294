"""Packaging: two source roots, one import package in each, one pure-Python wheel.

`callback/` holds `curveboard` (the training process), `plugin/` holds `tensorboard_curveboard` (the TensorBoard
process). Everything pip needs to know is here; `pyproject.toml` holds the build system and tool settings only.
"""

from __future__ import annotations

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent
ROOTS = ("callback", "plugin")

version = re.search(r'^__version__ = "([^"]+)"$', (HERE / "callback/curveboard/__init__.py").read_text("utf-8"), re.M)
assert version is not None, "callback/curveboard/__init__.py must hold the version"

EXTRAS = {
    "tensorflow": ["tensorflow>=2.16"],
    "sklearn": ["scikit-learn>=1.4"],
    "plot": ["matplotlib>=3.8"],
    "cli": ["rich>=13"],
}
EXTRAS["all"] = sorted({need for needs in EXTRAS.values() for need in needs})
EXTRAS["beam"] = ["apache-beam>=2.60"]  # not in "all": large, and of use to those who have a cluster
EXTRAS["dev"] = [
    *EXTRAS["all"],
    *EXTRAS["beam"],
    "build>=1.2",
    "check-wheel-contents>=0.6",
    "hypothesis>=6.100",
    "jax>=0.4.30",
    "mypy>=1.15",
    "pandas>=2.2",
    "playwright>=1.50",
    "pyarrow>=15",
    "pytest>=8",
    "pytest-timeout>=2.3",
    "pytest-xdist>=3.6",
    "ruff>=0.9",
    "torch==2.13.0",
    "twine>=6",
]

setup(
    name="curveboard",
    version=version.group(1),
    description="ROC, PR and confusion matrices of every epoch in TensorBoard: a Keras callback and a dashboard",
    long_description=(HERE / "README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE"],
    python_requires=">=3.10",
    package_dir={
        package.split(".")[0]: f"{root}/{package.split('.')[0]}" for root in ROOTS for package in find_packages(root)
    },
    packages=[package for root in ROOTS for package in find_packages(root)],
    package_data={
        "curveboard": ["py.typed", "FORMAT.md"],
        "tensorboard_curveboard": ["py.typed", "http_api.md", "static/*"],
    },
    install_requires=["numpy>=1.26", "tensorboard>=2.16"],
    extras_require=EXTRAS,
    entry_points={
        "console_scripts": ["curveboard = curveboard.cli:main"],
        "tensorboard_plugins": ["curveboard = tensorboard_curveboard.loader:CurveboardLoader"],
    },
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Science/Research",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
)
