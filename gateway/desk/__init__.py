"""The desk: what somebody needs who has the customer on the phone or in front of them."""
