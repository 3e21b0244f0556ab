"""The look: components, figures in Dutch, navigation and the style guide. Every page of the portal is made of these."""
