"""TLS contexts and handshakes of the broker check."""

import asyncio
import ssl
from typing import Final

# The algorithm of an RSA key in a certificate, rsaEncryption, as DER (RFC 3279 2.3.1).
# Searched for, not parsed: OpenSSL accepts certificates that no parser does.
_RSA_KEY: Final = bytes.fromhex("06092a864886f70d010101")


def plug_ssl_context() -> ssl.SSLContext:
    """Return a context for what plugs support: TLS 1.2, RSA (docs/protocol.md 6.2)."""
    context = permissive_ssl_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("aRSA")
    return context


def permissive_ssl_context() -> ssl.SSLContext:
    """Return a context that accepts any certificate, as plugs do."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def has_rsa_key(certificate: bytes) -> bool:
    """Return whether a certificate in DER is one of an RSA key."""
    return _RSA_KEY in certificate


async def async_get_certificate(
    host: str, port: int, context: ssl.SSLContext, timeout: float
) -> bytes:
    """Return the server's certificate in DER after a handshake.

    timeout is in seconds. Raises OSError, and TimeoutError.
    """
    async with asyncio.timeout(timeout):
        _, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return connection.getpeercert(binary_form=True) or b""
    finally:
        writer.close()
