"""Working doubles of outside systems: they keep state, speak the real protocol, and fail the way real ones fail."""
