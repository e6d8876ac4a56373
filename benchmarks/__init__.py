"""What Köprü's speed is worth: each benchmark compares it with an honest floor measured in the same run."""
