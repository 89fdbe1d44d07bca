"""From zip to table: the factory, the tools a user would pick instead, and the floor, by turns."""
