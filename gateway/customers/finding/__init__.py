"""Finding customers by what somebody remembers of them: words of the name, a part of a phone, an e-mail, a number."""
