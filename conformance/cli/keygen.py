"""`status-conformance keygen`: a key that signs certificates."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--type",
    "kind",
    type=click.Choice(["ed25519", "ecdsa-p256"]),
    default="ed25519",
    show_default=True,
    help="The kind of key.",
)
@click.option("--key-password", metavar="SECRET", help="Encrypt the key with this.")
def keygen(file: Path, kind: str, key_password: str | None) -> None:
    """Write a new key to FILE, which only you can read, and the public one to FILE.pub.

    Neither replaces a file. Whoever has FILE signs in your name; give FILE.pub to those who verify. A SECRET is a literal,
    env:NAME or file:PATH.
    """
    from conformance.certification import keys
    from conformance.wire.redaction import resolve

    password = resolve(key_password, "--key-password") if key_password is not None else ""
    key = keys.generate(keys.KeyType(kind))
    public = keys.write(key, file, password)
    click.echo(f"key:        {file}  (keep it to yourself)")
    click.echo(f"public key: {public}  (its id begins with {keys.key_id(key.public_key())[:16]})")
