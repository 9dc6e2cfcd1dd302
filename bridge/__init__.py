"""The bridge between cloud telephony and a law firm's case system."""

__version__ = "0.1.0"
