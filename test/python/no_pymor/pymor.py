"""Stands before any pyMOR that is installed: importing it fails as where there is none."""
raise ImportError("no pyMOR")
