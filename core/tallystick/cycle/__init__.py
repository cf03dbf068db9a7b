"""The invoice cycle: proposed -> approved -> issued -> posted. Nothing issued is ever edited."""
