"""The broker's pure part: frames in, effects out. No Django, no await, no clock."""
