"""Who holds which id anywhere: the port, its form in memory, and the one over Redis."""
