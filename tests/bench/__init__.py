"""Benchmarks: modules to run, each in a process with Django of its own."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["DEBUG"] = "false"  # Django would keep every statement
django.setup()
