"""The remedies that set a helm parameter of ops-service's Application."""
