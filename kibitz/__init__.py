"""Kibitz: the wire between the people of a call, and the tools around it. No Django in here."""

__version__ = "0.1.0"
