"""The remedies for External Secrets: have one refreshed, or create one."""
