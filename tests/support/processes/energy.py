"""What the Energy dashboard would know of a day, told at once."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from .client import Client


async def remember_a_day(
    client: Client, midnight: datetime, used: Mapping[str, Mapping[int, float]]
) -> None:
    """Let the dashboard show what each sensor of energy counted: Wh by its hours."""
    for statistic_id, hours in used.items():
        total, stats = 0.0, []
        for hour in range(-1, 24):
            total += hours.get(hour, 0) / 1000
            start = midnight + timedelta(hours=hour)
            stats.append({"start": start.isoformat(), "state": total, "sum": total})
        await client.command(
            "recorder/import_statistics",
            metadata={
                "has_mean": False,
                "mean_type": 0,
                "has_sum": True,
                "name": None,
                "source": "recorder",
                "statistic_id": statistic_id,
                "unit_class": "energy",
                "unit_of_measurement": "kWh",
            },
            stats=stats,
        )
    await client.command(
        "energy/save_prefs",
        energy_sources=[],
        device_consumption=[{"stat_consumption": sensor} for sensor in used],
    )
