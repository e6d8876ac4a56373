"""What a partner deleted: found by a full listing where it does not say so, and followed by the link's policy."""
