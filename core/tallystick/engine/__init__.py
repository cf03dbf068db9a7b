"""The engine: one installation put together, and its line advanced step by step."""
