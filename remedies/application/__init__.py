"""The remedies for the Application itself: have it synced, or compared anew with Git."""
