"""How do messages travel? Message types, conversation engine, dispatch, rendering, delivery, photos, channels."""
