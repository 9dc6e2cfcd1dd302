"""The web app's routes: Twilio's behind one gate, and the host's."""
