"""Packaging. `schemas/` lies beside the package and travels inside it as `factory.schemas`."""

from setuptools import find_packages, setup

setup(
    packages=[*find_packages(include=["factory", "factory.*"]), "factory.schemas"],
    package_dir={"factory.schemas": "schemas"},
    package_data={
        "factory": ["py.typed"],
        "factory.spec": ["examples.json"],
        "factory.schemas": ["*.json"],
    },
)
