"""The charge models that ship with the core, one small pure module each."""

from __future__ import annotations

from collections.abc import Mapping

from tallystick.billing.charges import ChargeModel
from tallystick.billing.models import (
    commitment,
    discount,
    fixed,
    one_off,
    per_incident,
    per_unit,
    percentage,
    prepaid,
    retainer,
    time_and_materials,
    usage,
)

SHIPPED: Mapping[str, ChargeModel] = {
    model.name: model
    for model in (
        fixed.MODEL,
        per_unit.MODEL,
        per_incident.MODEL,
        prepaid.MODEL,
        retainer.MODEL,
        time_and_materials.MODEL,
        usage.MODEL,
        one_off.MODEL,
        discount.MODEL,
        percentage.MODEL,
        commitment.MODEL,
    )
}
