"""What one LLM call used and what it costs: readers, units, prices; pure, no database."""
