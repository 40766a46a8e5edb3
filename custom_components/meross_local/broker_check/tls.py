"""TLS contexts and handshakes of the broker check."""

import asyncio
import ssl

from cryptography.x509 import Certificate, load_der_x509_certificate


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


async def async_get_certificate(
    host: str, port: int, context: ssl.SSLContext, timeout: float
) -> Certificate:
    """Return the server's certificate after a handshake.

    timeout is in seconds. Raises OSError, and TimeoutError.
    """
    async with asyncio.timeout(timeout):
        _, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return load_der_x509_certificate(
            connection.getpeercert(binary_form=True) or b""
        )
    finally:
        writer.close()
