"""How do we come back after the worst? One file that holds everything, looked through before it counts."""
