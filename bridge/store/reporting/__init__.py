"""Deliveries to SmartAdvocate, and the queue that they wait in."""
