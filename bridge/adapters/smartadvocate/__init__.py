"""SmartAdvocate's Predictive Dialer API."""
