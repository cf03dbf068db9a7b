"""What others reach over HTTP: events of payment providers, and whether the engine is alive."""
