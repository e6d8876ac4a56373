"""Who brought which customer: claims that are reviewed and protected, and referrals that are accepted or declined."""
