"""What one page says of a run, in three questions: may we advance, what changed, and what will it take."""
