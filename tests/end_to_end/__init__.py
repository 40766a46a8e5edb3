"""A real Home Assistant and a real broker: what a person does, and then sees."""
