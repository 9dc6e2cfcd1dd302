"""What SmartAdvocate is to be told: deliveries, and the queue that they wait in."""
