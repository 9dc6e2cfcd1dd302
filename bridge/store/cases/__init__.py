"""The cases that the bridge has seen, and the people behind them."""
