"""Claims and referrals."""
