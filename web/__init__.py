"""How do browsers and programs reach us? The chat page, public pages, the JSON door, the local socket."""
