"""Whether an explanation says anything of the network: measures of it beside controls that cannot know the network."""
