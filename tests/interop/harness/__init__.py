"""What the scenarios stand on. Nothing sleeps for a fixed time: everything waits
for an event, with a deadline."""
