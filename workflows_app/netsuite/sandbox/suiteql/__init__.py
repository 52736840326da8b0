"""SuiteQL: Oracle's words over the sandbox's tables."""
