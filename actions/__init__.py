"""What can be done? One function, one deed, inside the caller's transaction."""
