"""Facts: what connections say, whose it is, what joins it, and what flowed from one to another."""
