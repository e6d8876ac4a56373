"""How two profiles are compared and what the comparison weighs: Fellegi and Sunter (1969) with named alternatives."""
