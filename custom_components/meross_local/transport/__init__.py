"""The edges to the network: bytes outside, types of the protocol inside."""
