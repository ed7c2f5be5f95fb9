"""The site around the rooms: settings, addresses, pages, headers, health."""
