"""The verbs on people and organisations."""
