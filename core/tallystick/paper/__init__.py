"""Documents as files: PDF through typst, spreadsheets. What they say is decided in billing."""
