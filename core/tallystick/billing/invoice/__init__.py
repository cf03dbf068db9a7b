"""The invoice: from what is due to a proposal and the document it becomes."""
