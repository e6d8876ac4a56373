"""What happened between a customer and us, through whichever channel."""
