# Heroku sources this when a dyno starts: `heroku run bridge check` finds .bin/bridge.
export PATH="$HOME/.bin:$PATH"
