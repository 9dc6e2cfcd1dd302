"""The pages at /console/."""
