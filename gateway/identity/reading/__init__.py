"""What a stored customer is read as, so that two can be compared: names, numbers, places, without their dress."""
