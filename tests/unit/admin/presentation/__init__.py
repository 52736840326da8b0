"""What a card is made of."""
