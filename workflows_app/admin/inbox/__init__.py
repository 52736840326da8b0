"""The inbox: what waits for a decision, by urgency, with the card of the selected one beside the list."""
