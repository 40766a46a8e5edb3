"""Sensors: the measurements of a plug."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    Platform,
    UnitOfElectricCurrent,
    UnitOfElectricPotential,
    UnitOfEnergy,
    UnitOfPower,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.restore_state import ExtraStoredData, RestoreEntity
from homeassistant.util import dt as dt_util

from .const import LOGGER
from .entity import PolledEntity, async_add_platform
from .hub import MerossLocalConfigEntry
from .meross.energy import EnergyMeter
from .meross.measurements import Electricity
from .meross.namespaces import Namespace
from .meross.readings import Readings
from .plug import Plug

# Sensors send nothing themselves: the plug polls what its sensors need.
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PlugSensorDescription(SensorEntityDescription):
    """A sensor: the namespace that is polled, and its value in the readings."""

    namespace: Namespace
    value_fn: Callable[[Readings], float | None]


class PlugSensor(PolledEntity, SensorEntity):
    """Represent one measurement of a plug."""

    entity_description: PlugSensorDescription

    def __init__(self, plug: Plug, description: PlugSensorDescription) -> None:
        """Initialize with the namespace of the description."""
        super().__init__(plug, description, description.namespace)

    @property
    @override
    def native_value(self) -> float | None:
        """Return the last known value."""
        return self.entity_description.value_fn(self.plug.readings)

    _reported = native_value


class EnergySensor(PlugSensor, RestoreEntity):
    """Represent the total energy: stored, as the plug lists a month of it."""

    @override
    async def async_added_to_hass(self) -> None:
        """Continue from what was stored."""
        stored = await self.async_get_last_extra_data()
        if stored is not None and (meter := stored.as_dict()):
            self._restore(meter)
        await super().async_added_to_hass()

    @property
    @override
    def extra_restore_state_data(self) -> MeterData:
        """Return what has to be stored."""
        return MeterData(self.plug.readings.meter)

    def _restore(self, meter: object) -> None:
        try:
            self.plug.readings.restore_meter(meter)
        except ValueError as err:
            LOGGER.warning(
                "The stored energy of %s cannot be read and starts anew: %s",
                self.plug.name,
                err,
            )


class MeterData(ExtraStoredData):
    """An energy meter as Home Assistant stores it beside a state."""

    def __init__(self, meter: EnergyMeter | None) -> None:
        """Initialize with the meter, if there is one yet."""
        self._meter = meter

    @override
    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {} if self._meter is None else self._meter.as_json()


def _electric(
    value_fn: Callable[[Electricity], int | None], divisor: int
) -> Callable[[Readings], float | None]:
    def value(readings: Readings) -> float | None:
        if readings.electricity is None:
            return None
        measured = value_fn(readings.electricity)
        return None if measured is None else measured / divisor

    return value


def _energy_today(readings: Readings) -> float | None:
    if readings.meter is None:
        return None
    return readings.meter.on(dt_util.now().date()) / 1000


_MEASURES: Final = (
    PlugSensorDescription(
        key="power",
        namespace=Namespace.ELECTRICITY,
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        value_fn=_electric(lambda electricity: electricity.power, 1000),
    ),
    PlugSensorDescription(
        key="voltage",
        namespace=Namespace.ELECTRICITY,
        device_class=SensorDeviceClass.VOLTAGE,
        entity_registry_enabled_default=False,
        native_unit_of_measurement=UnitOfElectricPotential.VOLT,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=1,
        value_fn=_electric(lambda electricity: electricity.voltage, 10),
    ),
    PlugSensorDescription(
        key="current",
        namespace=Namespace.ELECTRICITY,
        device_class=SensorDeviceClass.CURRENT,
        entity_registry_enabled_default=False,
        native_unit_of_measurement=UnitOfElectricCurrent.AMPERE,
        state_class=SensorStateClass.MEASUREMENT,
        suggested_display_precision=2,
        value_fn=_electric(lambda electricity: electricity.current, 1000),
    ),
    PlugSensorDescription(
        key="signal_strength",
        translation_key="signal_strength",
        namespace=Namespace.RUNTIME,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
        native_unit_of_measurement=PERCENTAGE,
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda readings: readings.signal,
    ),
    PlugSensorDescription(
        key="energy_today",
        translation_key="energy_today",
        namespace=Namespace.CONSUMPTION_X,
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        state_class=SensorStateClass.TOTAL_INCREASING,
        suggested_display_precision=2,
        value_fn=_energy_today,
    ),
)
_ENERGY: Final = PlugSensorDescription(
    key="energy",
    namespace=Namespace.CONSUMPTION_X,
    device_class=SensorDeviceClass.ENERGY,
    native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    state_class=SensorStateClass.TOTAL_INCREASING,
    suggested_display_precision=2,
    value_fn=lambda readings: (
        None if readings.meter is None else readings.meter.total / 1000
    ),
)
_SENSORS: Final[dict[type[PlugSensor], tuple[PlugSensorDescription, ...]]] = {
    PlugSensor: _MEASURES,
    EnergySensor: (_ENERGY,),
}


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MerossLocalConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors whose namespace a plug's Ability lists."""
    async_add_platform(
        hass, entry, async_add_entities, Platform.SENSOR, _create_sensors
    )


def _create_sensors(plug: Plug) -> list[PlugSensor]:
    return [
        kind(plug, description)
        for kind, descriptions in _SENSORS.items()
        for description in descriptions
        if description.namespace in plug.identity.abilities
    ]
