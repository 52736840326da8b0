"""How people get in: password, lockout, second factor. allauth asks, axes counts; nobody can sign up by himself."""
