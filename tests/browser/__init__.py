"""The console in a real browser, on real web and worker processes between the stand-ins."""
