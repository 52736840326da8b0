"""How the console writes numbers, days and moments."""
