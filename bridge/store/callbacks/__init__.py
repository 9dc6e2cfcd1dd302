"""What came in from Twilio, and what is known of the calls and texts it was about."""
