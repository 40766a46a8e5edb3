"""Tests of single modules, each by itself."""
