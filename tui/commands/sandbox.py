"""`opsportal-tui sandbox`: serve a scenario until Ctrl-C, for any tool to look at."""

from __future__ import annotations

import asyncio

import click

from tui.target import TargetError, open_sandbox


def list_scenarios() -> None:
    """Print each scenario's name and title."""
    from sandbox.scenario import load, names

    for name in names():
        click.echo(f"{name:<32} {load(name).title}")


async def serve(scenario: str) -> int:
    """Serve it until a signal ends the program."""
    click.echo(f"opsportal-tui: starting sandbox {scenario} …", err=True)
    try:
        async with open_sandbox(scenario) as running:
            click.echo(f"export KUBECONFIG={running.kubeconfig}")
            for part, address in running.addresses.items():
                click.echo(f"# {part:<12} {address}")
            click.echo(f"# look at it: opsportal-tui check -n {running.namespace}")
            click.echo("# Ctrl-C ends it and removes everything.")
            await asyncio.Event().wait()
    except TargetError as error:
        click.echo(f"opsportal-tui: {error}", err=True)
        return 2
    return 0
