"""rename-constraint: give a unique constraint the name that the migration drops."""
