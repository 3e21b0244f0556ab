"""The one row that holds how far the demo's clock has travelled; unused in production."""
