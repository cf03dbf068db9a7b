"""Two-way field mappings: TOML that both reads a vendor's records and writes them back."""

from tallystick.mapping.check import check_mapping
from tallystick.mapping.layers import MappingFile
from tallystick.mapping.locate import toml_line
from tallystick.mapping.mapping import RecordMapping, load_mapping

__all__ = ["MappingFile", "RecordMapping", "check_mapping", "load_mapping", "toml_line"]
