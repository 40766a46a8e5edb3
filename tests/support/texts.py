"""Check that everything shown during a test has an English text."""

from collections.abc import Iterator, Mapping
import json
from pathlib import Path
import re
from typing import Any
from unittest.mock import patch

from homeassistant.components.repairs import RepairsFlow
from homeassistant.config_entries import ConfigFlow, ConfigSubentryFlow, OptionsFlow
from homeassistant.core import ServiceRegistry
from homeassistant.data_entry_flow import FlowHandler, FlowManager, FlowResultType
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components import meross_local
from custom_components.meross_local.const import DOMAIN

_FILE = Path(meross_local.__file__).with_name("translations") / "en.json"
_TEXTS = json.loads(_FILE.read_text())


def check_text(path: str, placeholders: Mapping[str, str] | None) -> None:
    """Check that there is a text, or a group of them, and all its placeholders.

    The path is such as `config.abort.not_loaded`.
    """
    found = _TEXTS
    for name in path.split("."):
        assert name in found, f"{path} has no text"
        found = found[name]
    needed = set(re.findall(r"{(\w+)}", json.dumps(found)))
    assert needed <= set(placeholders or ()), f"{path} lacks placeholders"


def _scope(flow: FlowHandler[Any, Any, Any]) -> str | None:
    """Return the path of a flow's texts; None for flows of other integrations."""
    match flow:
        case _ if not type(flow).__module__.startswith(meross_local.__name__):
            return None
        case ConfigFlow():
            return "config"
        case OptionsFlow():
            return "options"
        case ConfigSubentryFlow():
            return "config_subentries.plug"
        case RepairsFlow():
            issue = ir.async_get(flow.hass).async_get_issue(DOMAIN, flow.issue_id)
            # An issue that is solved is gone, and its flow shows nothing any more.
            return f"issues.{issue.translation_key}.fix_flow" if issue else None
        case _:
            raise TypeError(flow)


def check_result(scope: str, result: Mapping[str, Any]) -> None:
    """Check the texts of the form, menu, progress or abort that a flow shows."""
    placeholders = result.get("description_placeholders")
    step = f"{scope}.step.{result.get('step_id')}"
    match result["type"]:
        case FlowResultType.FORM:
            check_text(step, placeholders)
            schema = result["data_schema"]
            for field in schema.schema if schema else ():
                check_text(f"{step}.data.{field}", placeholders)
                check_text(f"{step}.data_description.{field}", placeholders)
            for error in (result["errors"] or {}).values():
                check_text(f"{scope}.error.{error}", placeholders)
        case FlowResultType.MENU:
            check_text(step, placeholders)
            for option in result["menu_options"]:
                check_text(f"{step}.menu_options.{option}", placeholders)
        case FlowResultType.SHOW_PROGRESS:
            check_text(f"{step}.title", placeholders)
            check_text(f"{scope}.progress.{result['progress_action']}", placeholders)
        case FlowResultType.ABORT:
            check_text(f"{scope}.abort.{result['reason']}", placeholders)


@pytest.fixture(autouse=True)
def check_texts() -> Iterator[None]:
    """Check the texts of flows, issues and failed actions."""
    handle_step = FlowManager._async_handle_step
    create_issue = ir.IssueRegistry.async_get_or_create
    call = ServiceRegistry.async_call

    async def handle_step_checked(
        self: FlowManager[Any, Any, Any],
        flow: FlowHandler[Any, Any, Any],
        *args: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        result = await handle_step(self, flow, *args)
        if scope := _scope(flow):
            check_result(scope, result)
        return result

    def create_issue_checked(
        self: ir.IssueRegistry,
        domain: str,
        issue_id: str,
        **kwargs: Any,  # noqa: ANN401
    ) -> ir.IssueEntry:
        if domain == DOMAIN:
            placeholders = kwargs["translation_placeholders"]
            issue = f"issues.{kwargs['translation_key']}"
            check_text(f"{issue}.title", placeholders)
            if not kwargs["is_fixable"]:
                check_text(f"{issue}.description", placeholders)
        return create_issue(self, domain, issue_id, **kwargs)

    async def call_checked(self: ServiceRegistry, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        try:
            return await call(self, *args, **kwargs)
        except HomeAssistantError as error:
            if error.translation_domain == DOMAIN:
                check_text(
                    f"exceptions.{error.translation_key}.message",
                    error.translation_placeholders,
                )
            raise

    with (
        patch.object(FlowManager, "_async_handle_step", handle_step_checked),
        patch.object(ir.IssueRegistry, "async_get_or_create", create_issue_checked),
        patch.object(ServiceRegistry, "async_call", call_checked),
    ):
        yield
