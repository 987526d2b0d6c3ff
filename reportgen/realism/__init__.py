"""How real synthetic samples are: scores, each with the real training part as its floor and a control as its ceiling."""
