"""The wire contract (PROTOCOL.md): names, links, messages, tokens. Every module has a twin in widget/src/wire/.

Decoders are total: a value or a `Refused`. No clock and no randomness in here; both are arguments.
"""
