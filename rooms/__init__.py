"""Rooms: the broker that introduces browsers, and later creating, saving and inviting."""
