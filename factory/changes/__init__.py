"""What changes: from one plan to another, and from what is there to what a plan asks. Pure."""
